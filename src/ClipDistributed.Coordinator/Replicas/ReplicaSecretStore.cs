using ClipDistributed.Coordinator.Store;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The durable hashes of secrets that replicas were given after their launch. Writes are idempotent and can be retried.</summary>
internal sealed class ReplicaSecretStore(RunStore store)
{
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task SaveAsync(IReadOnlyList<SecretRenewal> renewals) => store.WriteAsync(async db =>
    {
        foreach (var renewal in renewals)
        {
            byte[] next = renewal.Secret?.Hash ?? [];
            await db.Replicas.Where(row => row.RunId == renewal.RunId && row.ReplicaId == renewal.ReplicaId)
                .ExecuteUpdateAsync(row => row
                    .SetProperty(one => one.SecretHash, renewal.Held).SetProperty(one => one.NextSecretHash, next));
        }
    });
}
