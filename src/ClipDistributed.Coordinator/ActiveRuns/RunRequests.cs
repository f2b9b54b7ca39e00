using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>Applies requests of users to a run's state.</summary>
internal static class RunRequests
{
    public static RunAction[] Request(this ActiveRun run, StopRequest request, string name, string by, TaskCompletionSource done)
    {
        if (run.Stop is StopRequest.Cancel || run.Ending is not null)
            return [new Confirm(done)];
        if (run.Pause == PauseStage.Requested)
            run.Pause = PauseStage.None; // what it was to save it saves
        run.Preemption = run.Preemption.Withdraw();
        run.RollBack = null;
        run.Stop = request is StopRequest.Stop && run.Stop is StopRequest.Stop already ? already : request;
        run.NoteRequest(name, by);
        return request is StopRequest.Stop && run.HasComputed
            ? [new SetState(RunState.Stopping, "a clean stop was requested; the step in flight is finished and saved"), new Confirm(done)]
            : [new Confirm(done)];
    }

    public static RunAction[] RequestCheckpoint(this ActiveRun run, RunInput.SaveCheckpoint save)
    {
        if (run.IsToSave || run.Pause == PauseStage.Saved || run.Ending is not null)
            return run.Refuse(save.Done, "no further checkpoint can be requested");
        run.Checkpoint = CheckpointRequest.Requested;
        run.NoteRequest("checkpoint", save.By);
        return [new Confirm(save.Done)];
    }

    public static RunAction[] RequestPause(this ActiveRun run, RunInput.Pause pause)
    {
        if (run.Stop is not null || run.Ending is not null)
            return run.Refuse(pause.Done, "it cannot be paused");
        run.RollBack = run.RollBack is { } back ? back with { Resumes = false } : null;
        bool isPreempted = run.Preemption.By is not null;
        if (run.Pause != PauseStage.None && !isPreempted)
            return [new Confirm(pause.Done)];
        run.Preemption = run.Preemption.Withdraw(); // it stays paused until a user resumes it
        bool isSaved = run.Pause == PauseStage.Saved;
        run.Pause = isSaved ? PauseStage.Saved : PauseStage.Requested;
        run.NoteRequest("pause", pause.By);
        string saved = run.HasLostUnsaved ? UnsavedLoss.Text : $"saved after step {run.Step}";
        string reason = isSaved
            ? $"{saved}; clipd run resume {run.RunId} goes on"
            : "a pause was requested; the step in flight is finished and saved";
        return run.HasComputed || isSaved ? [new SetState(RunState.Pausing, reason), new Confirm(pause.Done)] : [new Confirm(pause.Done)];
    }

    public static RunAction[] RequestResume(this ActiveRun run, RunInput.Resume resume)
    {
        if (run.Stop is not null || run.Ending is not null)
            return run.Refuse(resume.Done, "it cannot be resumed");
        if (run.Pause == PauseStage.None || run.Preemption.By is not null) // one that was preempted goes on by itself
            return [new Confirm(resume.Done)];
        run.NoteRequest("resume", resume.By);
        if (run.RollBack is { } back)
        {
            run.RollBack = back with { Resumes = true };
            return [new Confirm(resume.Done)];
        }
        return [run.GoOn(), new Confirm(resume.Done)];
    }

    /// <summary>It is no longer to be paused.</summary>
    public static SetState GoOn(this ActiveRun run)
    {
        run.Pause = PauseStage.None;
        var next = !run.HasDevices && run.Preemption.By is not null ? RunState.Preempted
            : !run.HasDevices ? RunState.Pending
            : !run.HasComputed ? RunState.Starting
            : run.IsBroken ? RunState.Recovering
            : RunState.Running;
        return new SetState(next, "");
    }

    /// <summary>More replicas start where devices are free, surplus ones leave: rules see to that.</summary>
    public static RunAction[] RequestScale(this ActiveRun run, RunInput.Scale scale)
    {
        if (run.Stop is not null || run.Ending is not null)
            return run.Refuse(scale.Done, "it cannot be scaled");
        var (before, batch) = (run.Need, run.Settings.Order.GlobalBatch);
        long min = scale.Min ?? (long)before.Min, max = Math.Min(scale.Max ?? (long)before.Max, batch);
        if (ScaleCheck.Run(scale, min, max, batch) is { Count: > 0 } errors)
            return [new RefuseRequest(scale.Done, new BadInputException(errors))];
        run.Need = before with { Min = (int)min, Max = (int)max };
        if (run.Need == before)
            return [new Confirm(scale.Done)];
        run.NoteRequest($"scale from {Text(before)} to {Text(run.Need)}", scale.By == "" ? "an unnamed user" : scale.By);
        return [new Confirm(scale.Done)];

        static string Text(RunNeed need) =>
            need.Min == need.Max ? Counted.Plain(need.Max, "replica") : $"{need.Min} to {Counted.Plain(need.Max, "replica")}";
    }

    public static RunAction[] Refuse(this ActiveRun run, TaskCompletionSource done, string consequence) =>
        [new Refuse(done, $"run {run.RunId} {RunStateText.Clause(run.State)}; {consequence}")];

    /// <param name="request">As in <c>drain host b</c>.</param>
    /// <param name="by">Empty: not known, or not a user.</param>
    public static void NoteRequest(this ActiveRun run, string request, string by)
    {
        if (by != "")
            run.Records.Add(
                new RunRecord { Request = new RequestReceived { Step = run.Step, Request = request, By = by } }, run.GenerationNumber);
    }
}
