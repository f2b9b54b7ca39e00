using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;
using MessageCase = ClipDistributed.Contracts.Replica.V1.ConnectRequest.MessageOneofCase;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>Applies inputs to a run's state.</summary>
internal static class RunInputs
{
    /// <returns>Actions that follow at once; neither applied nor performed yet.</returns>
    public static IReadOnlyList<RunAction> Take(this ActiveRun run, RunInput input, TimeSpan now)
    {
        switch (input)
        {
            case RunInput.OfReplica of:
                return run.Take(of.Event, now);
            case RunInput.Stop stop:
                return run.Request(new StopRequest.Stop(), "stop", stop.By, stop.Done);
            case RunInput.Cancel cancel:
                return run.Request(new StopRequest.Cancel(), "cancel", cancel.By, cancel.Done);
            case RunInput.SaveCheckpoint save:
                return run.RequestCheckpoint(save);
            case RunInput.Pause pause:
                return run.RequestPause(pause);
            case RunInput.Scale scale:
                return run.RequestScale(scale);
            case RunInput.RollBack back:
                return run.RequestRollBack(back);
            case RunInput.RolledBack back:
                return run.OnRolledBack(back);
            case RunInput.RollBackFailed failed:
                return run.OnRollBackFailed(failed);
            case RunInput.Resume resume:
                return run.RequestResume(resume);
            case RunInput.LaunchFailed failed when run.PoisonRows.Trial?.Id == failed.ReplicaId:
                run.PoisonRows.OnTrialNotStarted();
                return [new ForgetTrial(failed.ReplicaId)];
            case RunInput.LaunchFailed failed:
                run.Roster.Find(failed.ReplicaId)?.OnHostLost();
                break;
            case RunInput.HostQuarantined quarantined:
                run.Note($"Host {quarantined.Host} is quarantined {quarantined.Reason}.");
                break;
            case RunInput.StepsRecounted recounted:
                run.Incidents.UsefulSeconds = recounted.UsefulSeconds;
                break;
            case RunInput.PoisonRowsNotSaved failed:
                run.PoisonRows.Failure = string.Concat(
                    $"{run.PoisonRows.LastFound} crashes the decoder, and {failed.File} cannot be written ({failed.Error}); ",
                    "repair that, then clipd submit SPEC --resume");
                break;
        }
        return [];
    }

    /// <summary>Updates what depends on all inputs up to now.</summary>
    public static void Observe(this ActiveRun run, TimeSpan now)
    {
        if (run.Generation is { } generation)
        {
            generation.Advance(now);
            run.Step = Math.Max(run.Step, generation.Applied);
        }
        if (!run.IsToRecount)
            run.Incidents.Follow(run);
    }

    /// <summary>This coordinator paused.</summary>
    /// <param name="paused">For so long.</param>
    public static void RenewLeases(this ActiveRun run, TimeSpan now, TimeSpan paused)
    {
        foreach (var replica in run.Roster.All)
            replica.RenewLease(now);
        run.Generation?.Renew(now);
        run.Takeover.Extend(paused);
        run.WaitingSince += paused;
    }

    private static IReadOnlyList<RunAction> Take(this ActiveRun run, ReplicaEvent happened, TimeSpan now)
    {
        if (run.PoisonRows.Trial?.Id == happened.ReplicaId)
            return run.OnTrial(happened);
        if (run.Roster.Find(happened.ReplicaId) is not { } replica)
            return [];
        switch (happened)
        {
            case ReplicaEvent.Connected connected:
                return run.OnConnected(replica, connected, now);
            case ReplicaEvent.MessageReceived received when replica.IsLive && replica.Link == received.Link:
                replica.OnMessage(now);
                return run.OnMessage(replica, received.Message, now);
            case ReplicaEvent.LinkLost lost when replica.Link == lost.Link:
                replica.OnLinkLost(now);
                break;
            case ReplicaEvent.Exited exited when replica.Exit is null:
                replica.OnExit(exited.Exit);
                break;
            case ReplicaEvent.HostLost:
                replica.OnHostLost();
                break;
            case ReplicaEvent.HostReturned:
                replica.OnHostReturned();
                break;
            case ReplicaEvent.HostDrained drained when replica.IsLive:
                run.OnDrained(replica, drained, now);
                break;
        }
        return [];
    }

    private static IReadOnlyList<RunAction> OnTrial(this ActiveRun run, ReplicaEvent happened)
    {
        var exit = happened switch
        {
            ReplicaEvent.Exited exited => exited.Exit,
            ReplicaEvent.HostLost => new ProcessExit(null, "its host was lost"),
            _ => null,
        };
        if (exit is null)
            return [];
        run.PoisonRows.OnTrialExited(exit);
        return [new ForgetTrial(happened.ReplicaId)];
    }

    /// <summary>It connects for the first time, or because its link broke, or because this coordinator has taken over.</summary>
    private static List<RunAction> OnConnected(this ActiveRun run, Replica replica, ReplicaEvent.Connected connected, TimeSpan now)
    {
        var (link, hello) = (connected.Link, connected.Hello);
        if (!replica.IsLive)
            return [new AnswerLeave(link, $"it was evicted: {replica.Evidence}")];
        var follows = new List<RunAction>();
        if (replica.LinkState is not LinkState.None)
            follows.Add(new ReportReturn(replica, hello));
        replica.OnHello(link, hello, now);
        run.Roster.OnReady();
        if (run.Ending is { } ending)
            follows.Add(new AnswerLeave(link, ending.Reason));
        if (run.Generation is not { } current || !current.Has(replica))
            return follows;
        if (hello.Generation == current.Number)
            current.TakeOver(hello.Commands);
        else if (!replica.HasReported)
            replica.OnFailure(new Failure
            {
                Generation = current.Number,
                Kind = FailureKind.Collective,
                AppliedStep = hello.AppliedStep,
                Errors = { $"{replica.Described} had not received generation {current.Number} when its link broke" },
            });
        return follows;
    }

    /// <summary>Messages about another generation than the replica's own are ignored: that is over.</summary>
    private static IReadOnlyList<RunAction> OnMessage(this ActiveRun run, Replica replica, ConnectRequest message, TimeSpan now)
    {
        long number = run.IsMember(replica) ? run.GenerationNumber : 0;
        switch (message.MessageCase)
        {
            case MessageCase.Progress when number > 0 && message.Progress.Generation == number:
                replica.OnProgress(message.Progress, now);
                break;
            case MessageCase.Record when number > 0 && message.Record is { Record: not null } record && record.Generation == number
                && record.Number > replica.Seat.Recorded:
                replica.Seat.Recorded = record.Number;
                run.OnRecord(replica, record);
                break;
            // A replica that fails while it loads knows of no generation yet.
            case MessageCase.Failure when message.Failure is var failure && (failure.Generation == number || failure.Generation == 0):
                replica.OnFailure(failure);
                var report = new ReportFailure(replica, number, failure);
                string how = failure.OfDevice ? "lost its device" : "computes wrongly";
                return failure.Kind == FailureKind.Faulty
                    ? [report, new Lose(replica, $"{how}: {string.Join(" | ", failure.Errors)},"), new Kill(replica)]
                    : [report];
            case MessageCase.Ended when message.Ended.Generation == number:
                replica.OnEnded(message.Ended);
                break;
        }
        return [];
    }

    /// <summary>A step of an attempt that was recorded before and is recomputed after a fault is the same: it is recorded once.</summary>
    private static void OnRecord(this ActiveRun run, Replica replica, NumberedRecord received)
    {
        var record = received.Record;
        if (record.Started is { } started && started.Attempt != run.Attempt)
        {
            run.IsToRecount |= run.RecordedStep > started.Step;
            (run.Attempt, run.RecordedStep) = (started.Attempt, 0);
        }
        if (record.Step is { } step)
        {
            run.Incidents.OnStep(step.Step, step.CountedSeconds, run);
            run.Loss = double.IsFinite(step.Loss) ? step.Loss : run.Loss;
            if (step.Step <= run.RecordedStep)
                return;
            run.RecordedStep = step.Step;
        }
        if (record.Checkpoint is not null)
            run.Checkpoint = CheckpointRequest.None;
        if (record.Step is null && !run.Records.HasRoom(run.StepRecords))
        {
            if (!run.Records.IsFull)
                run.Note("The coordinator has as many records of this run as it keeps; from now on its run directory alone has all.");
            run.Records.IsFull = true;
            return;
        }
        run.Records.Add(record, run.GenerationNumber, replica.ReplicaId, received.Number);
    }

    private static void OnDrained(this ActiveRun run, Replica replica, ReplicaEvent.HostDrained drained, TimeSpan now)
    {
        if (drained.IsDrained)
            replica.Drain(drained.Grace is { } grace ? now + grace : null);
        else
            replica.StopDraining();
        // An event of each of its replicas arrives; one record is enough.
        string host = replica.Device.Host;
        if (run.Roster.All.FirstOrDefault(other => other.IsLive && other.Device.Host == host) == replica)
            run.NoteRequest($"{(drained.IsDrained ? "drain" : "stop draining")} host {host}", drained.By);
    }
}
