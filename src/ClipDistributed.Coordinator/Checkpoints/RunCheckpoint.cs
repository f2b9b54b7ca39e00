using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Coordinator.Checkpoints;

/// <summary>A checkpoint of a run in one of its places.</summary>
/// <param name="IsAbandoned">It does not lie on the line of steps that led to the last attempt.</param>
internal sealed record RunCheckpoint(StoredCheckpoint Stored, ICheckpointPlace Place, bool IsAbandoned)
{
    public (int Attempt, long Step) Position => (Stored.Attempt, Stored.Step);
}
