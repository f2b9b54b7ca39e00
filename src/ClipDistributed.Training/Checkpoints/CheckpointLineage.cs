using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>
/// The checkpoints that led to a run's last attempt: its own, and of the attempts before it those up to the step that the next one
/// started from.
/// </summary>
internal static class CheckpointLineage
{
    /// <returns>Newest first.</returns>
    public static IEnumerable<StoredCheckpoint> Of(
        ICheckpointPlace place, IReadOnlyList<RunAttempt> attempts, CancellationToken cancel = default)
    {
        var all = place.List(cancel);
        long newest = long.MaxValue;
        for (var attempt = attempts.LastOrDefault(); attempt is not null; attempt = Parent(attempt))
        {
            foreach (var found in all.Where(found => found.Attempt == attempt.Number && found.Step <= newest))
                yield return found;
            newest = Math.Min(newest, attempt.FromStep);
        }

        RunAttempt? Parent(RunAttempt attempt) => attempts.FirstOrDefault(other => other.Number == attempt.FromAttempt);
    }
}
