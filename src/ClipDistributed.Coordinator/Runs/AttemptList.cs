using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The attempts in a run's run.json.</summary>
internal sealed class AttemptList : IAttemptList
{
    // A process whose replica has left may need a moment to end.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public int Begin(string runDirectory, WriterClaim claim, RollBack from)
    {
        var directory = new RunDirectory(runDirectory);
        using var writeLock = RunDirectoryLock.Take(directory, Patience, claim);
        var info = RunInfo.Load(directory.Info);
        var next = new RunAttempt(info.Attempts.Count + 1, from.Attempt, from.Step, IsPlanned: true);
        if (info.Attempts.LastOrDefault() is { IsPlanned: true } planned && planned with { Number = next.Number } == next)
            return planned.Number;
        writeLock.ThrowIfSuperseded();
        (info with { Attempts = [.. info.Attempts, next] }).Save(directory.Info);
        return next.Number;
    }
}
