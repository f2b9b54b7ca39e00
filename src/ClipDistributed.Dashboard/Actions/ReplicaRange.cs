namespace ClipDistributed.Dashboard.Actions;

/// <summary>Replicas that a run is scaled to; null: that bound stays.</summary>
internal readonly record struct ReplicaRange(uint? Min, uint? Max);
