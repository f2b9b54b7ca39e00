using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.ActiveRuns;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>What holds for a run whose devices are taken for others.</summary>
internal sealed class PreemptionChecks(SimulatedCluster cluster, SimulatedRun run)
{
    private TimeSpan? returned; // when it went on again
    private bool hasLost; // steps that were not saved

    /// <summary>By ones of strictly higher priority alone, where its spec allows it, and not again soon after it has returned.</summary>
    public void OnPreempted(RunNeed by)
    {
        cluster.Trace($"{run.RunId} of priority {run.Need.Priority} makes way for {by.RunId} of priority {by.Priority}");
        cluster.Check(
            run.Need.IsPreemptible && by.Priority > run.Need.Priority,
            $"{run.RunId} of priority {run.Need.Priority} makes way for {by.RunId} of priority {by.Priority}"
        );
        // When a user has paused it, that decides.
        cluster.Check(
            cluster.Coordinators.ClockWasSet || run.Pauses + run.RollBacks > 0
                || !(cluster.Time.Now - returned < cluster.PreemptAgainAfter),
            $"{run.RunId} makes way again, though it returned {cluster.Time.Now - returned} ago"
        );
    }

    /// <summary>At the moment at which it goes on from a checkpoint: what it held when it made way was saved.</summary>
    public void CheckRead(SimulatedState state)
    {
        if (run.Journal.Row is not { PreemptedBy: not "", PausedSince: not null })
            return;
        returned = cluster.Time.Now;
        hasLost |= state.Step < run.Journal.Row.Step;
    }

    /// <summary>Once it has ended.</summary>
    public void CheckEnd() => cluster.Check(
        !hasLost || cluster.Notices(run.RunId).Any(text => text.Contains(UnsavedLoss.Text, StringComparison.Ordinal)),
        $"{run.RunId} made way for another run and has lost steps"
    );
}
