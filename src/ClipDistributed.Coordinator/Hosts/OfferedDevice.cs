namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A device of a connected host.</summary>
/// <param name="RunId">The run that uses it; null: free.</param>
/// <param name="ReplicaId">The replica on it; null: none yet.</param>
/// <param name="Closed">Why it gets no replicas now, said of its host, as in <c>is drained</c>; null: it is open.</param>
internal sealed record OfferedDevice(DeviceId Id, string Label, string? RunId = null, string? ReplicaId = null, string? Closed = null);
