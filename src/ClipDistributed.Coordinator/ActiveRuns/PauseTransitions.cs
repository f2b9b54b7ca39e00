using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>Applies the actions of a pause to a run's state.</summary>
internal static class PauseTransitions
{
    public static void ApplyPause(this ActiveRun run, RunAction action, Moment at)
    {
        switch (action)
        {
            case BeginPause paused:
                run.Step = Math.Max(run.Step, paused.Step);
                (run.Pause, run.PausedSince, run.WaitingSince) = (PauseStage.Saved, at.Utc, null);
                (run.State, run.Reason, run.NextReason) = (RunState.Pausing, paused.Reason, "");
                run.Incidents.OnPaused();
                break;
            case PauseRun:
                (run.Kind, run.State) = (DeviceKind.Unspecified, RunState.Paused);
                break;
        }
    }
}
