namespace ClipDistributed.Coordinator.Replicas;

/// <summary>Secrets of a replica as they are to be stored.</summary>
/// <param name="Held">SHA-256 of the one that it holds.</param>
/// <param name="Secret">The next one; null: there is none.</param>
internal sealed record SecretRenewal(string RunId, string ReplicaId, byte[] Held, ReplicaSecret? Secret);
