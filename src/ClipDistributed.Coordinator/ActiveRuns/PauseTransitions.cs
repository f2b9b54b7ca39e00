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
            case Preempt { By: var by }:
                run.Preemption = run.Preemption.Preempt(by.RunId);
                run.Pause = PauseStage.Requested;
                if (run.HasComputed)
                    (run.State, run.Reason) = (RunState.Pausing, $"makes way for {by.RunId}; the step in flight is finished and saved");
                run.Note($"{by.RunId} of priority {by.Priority} gets the devices of this run of priority {run.Need.Priority}: it saves, "
                    + "pauses, and goes on by itself once devices are free.");
                break;
            case BeginPause paused:
                run.Step = Math.Max(run.Step, paused.Step);
                (run.Pause, run.PausedSince, run.WaitingSince) = (PauseStage.Saved, at.Utc, null);
                (run.State, run.Reason, run.NextReason) = (RunState.Pausing, paused.Reason, "");
                run.HasLostUnsaved |= paused.IsLoss;
                run.Incidents.OnPaused();
                break;
            case PauseRun when run is { Preemption.By: not null, RollBack: null }:
                (run.Kind, run.State, run.Pause) = (DeviceKind.Unspecified, RunState.Preempted, PauseStage.None); // waits from now on
                break;
            case PauseRun:
                (run.Kind, run.State) = (DeviceKind.Unspecified, RunState.Paused);
                break;
        }
    }
}
