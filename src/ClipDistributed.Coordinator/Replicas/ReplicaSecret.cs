using System.Security.Cryptography;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>
/// What a replica is given at its launch and shows with each call: that it is the one that it claims to be. The coordinator keeps
/// only its hash, which no call is made with.
/// </summary>
/// <param name="Value">For the replica alone; never stored or logged.</param>
/// <param name="Hash">SHA-256: of so many random bytes that is enough.</param>
internal readonly record struct ReplicaSecret(ByteString Value, byte[] Hash)
{
    private const int Bytes = 32;

    public static ReplicaSecret New()
    {
        byte[] value = RandomNumberGenerator.GetBytes(Bytes);
        return new ReplicaSecret(ByteString.CopyFrom(value), SHA256.HashData(value));
    }

    /// <param name="hash">Empty: of a replica that was given none, so that nothing proves to be it.</param>
    public static bool IsOf(byte[] hash, ReadOnlySpan<byte> shown)
    {
        Span<byte> found = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(shown, found);
        return CryptographicOperations.FixedTimeEquals(hash, found);
    }

    public override string ToString() => nameof(ReplicaSecret);
}
