using ClipDistributed.Contracts.Run.V1;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>
/// Rolls a run back: it is paused, an attempt that begins at the checkpoint is noted in its directory, and it goes on from there, unless
/// it was paused before.
/// </summary>
internal static class RollBacks
{
    public static RunAction[] RequestRollBack(this ActiveRun run, RunInput.RollBack asked)
    {
        if (run.Stop is not null || run.Ending is not null)
            return run.Refuse(asked.Done, "it cannot be rolled back");
        if (run.RollBack is { } other)
            return run.Refuse(asked.Done, $"it is being rolled back to step {other.Step} already");
        run.RollBack = new RollBack(asked.Attempt, asked.Step, Resumes: run.Pause == PauseStage.None || run.Preemption.By is not null);
        run.NoteRequest($"roll back to step {asked.Step} of attempt {asked.Attempt}", asked.By);
        if (run.Pause != PauseStage.None)
            return [new Confirm(asked.Done)];
        run.Pause = PauseStage.Requested;
        string reason = $"a roll back to step {asked.Step} was requested; the step in flight is finished and saved";
        return run.HasComputed ? [new SetState(RunState.Pausing, reason), new Confirm(asked.Done)] : [new Confirm(asked.Done)];
    }

    public static RunAction[] OnRolledBack(this ActiveRun run, RunInput.RolledBack done)
    {
        if (run.RollBack is not { } back)
            return [];
        run.Note(string.Concat(
            $"Rolled back from step {run.Step} to the checkpoint of step {back.Step} of attempt {back.Attempt}: ",
            $"attempt {done.Attempt} goes on from there. What was abandoned stays in the run directory."));
        (run.RollBack, run.Step, run.HasLostUnsaved, run.Loss) = (null, back.Step, false, null); // the loss was that of another step
        string reason = $"rolled back to step {back.Step}; clipd run resume {run.RunId} goes on";
        return [back.Resumes ? run.GoOn() : new SetState(RunState.Paused, reason)];
    }

    public static RunAction[] OnRollBackFailed(this ActiveRun run, RunInput.RollBackFailed failed)
    {
        if (run.RollBack is not { } back)
            return [];
        (run.RollBack, run.Preemption) = (null, run.Preemption.Withdraw());
        string reason = $"could not be rolled back to step {back.Step} ({failed.Error}); clipd run resume {run.RunId} goes on as before";
        return [new SetState(RunState.Paused, reason)];
    }
}
