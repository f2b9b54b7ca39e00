using System.Security.Cryptography;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>
/// The secrets by which the calls of a replica are known. It holds one, which is replaced over its link while that is open; by the first
/// call that shows the next one, the replica has proven to hold that, and the one before it ends. Without a link a secret ends after its
/// lifetime, so that a lost one opens nothing for long. Thread-safe.
/// </summary>
/// <param name="row">What is stored of its secrets.</param>
internal sealed class ReplicaCredential(ReplicaRow row, TimeSpan lifetime, TimeProvider time)
{
    private const int RenewalsPerLifetime = 4;

    /// <summary>How long calls that were on their way may show the secret before the present one.</summary>
    public static readonly TimeSpan FormerGrace = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new(); // of all that follows
    private byte[] held = row.SecretHash, next = row.NextSecretHash, former = [];
    private long heldSince = time.GetTimestamp();
    private long linkedUntil = time.GetTimestamp();
    private bool isLinked, isOffered, isUnsaved; // of which: next was sent over the open link; the store has others

    /// <param name="shown">With a call.</param>
    public bool IsAuthentic(ReadOnlySpan<byte> shown)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(shown, hash);
        lock (gate)
        {
            bool isAlive = isLinked || time.GetElapsedTime(linkedUntil) < lifetime;
            if (CryptographicOperations.FixedTimeEquals(next, hash) && isAlive)
            {
                (former, held, next) = (held, next, []);
                (heldSince, isOffered, isUnsaved) = (time.GetTimestamp(), false, true);
            }
            if (CryptographicOperations.FixedTimeEquals(held, hash))
                return isAlive;
            return CryptographicOperations.FixedTimeEquals(former, hash) && time.GetElapsedTime(heldSince) < FormerGrace;
        }
    }

    /// <summary>A call of it that was authentic is its link now.</summary>
    public void OnLinked()
    {
        lock (gate)
            (isLinked, isOffered) = (true, false); // what was sent over the link before may not have arrived
    }

    public void OnUnlinked()
    {
        lock (gate)
            (isLinked, linkedUntil) = (false, time.GetTimestamp());
    }

    /// <returns>What is to be stored, and then <see cref="Offer"/>ed; null: nothing is due.</returns>
    public SecretRenewal? Next()
    {
        lock (gate)
        {
            bool isDue = next.Length > 0 || time.GetElapsedTime(heldSince) >= lifetime / RenewalsPerLifetime;
            if (isLinked && !isOffered && isDue)
                return new SecretRenewal(row.RunId, row.ReplicaId, held, ReplicaSecret.New());
            return isUnsaved ? new SecretRenewal(row.RunId, row.ReplicaId, held, null) : null;
        }
    }

    /// <summary>It is stored.</summary>
    /// <param name="link">The open one; null: there is none any more, and the secret is never sent.</param>
    public void Offer(SecretRenewal renewal, ReplicaLink? link)
    {
        lock (gate)
        {
            if (!renewal.Held.AsSpan().SequenceEqual(held))
                return; // replaced meanwhile: what was stored is older
            isUnsaved = false;
            if (renewal.Secret is not { } secret || link is null)
                return;
            (next, isOffered) = (secret.Hash, true);
            link.Send(new ConnectResponse { RenewSecret = new RenewSecret { Secret = secret.Value } });
        }
    }
}
