using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Data.Checkpoints;

/// <summary>
/// The checkpoints that led to a run's last attempt: its own, and of the attempts before it those up to the step that the next one
/// started from.
/// </summary>
public static class CheckpointLineage
{
    /// <returns>Newest first.</returns>
    public static IEnumerable<StoredCheckpoint> Of(
        ICheckpointPlace place, IReadOnlyList<RunAttempt> attempts, CancellationToken cancel = default) =>
        Of(place.List(cancel), attempts);

    /// <param name="all">In the order of a place's list.</param>
    /// <returns>Newest first.</returns>
    public static IEnumerable<StoredCheckpoint> Of(IReadOnlyList<StoredCheckpoint> all, IReadOnlyList<RunAttempt> attempts)
    {
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
