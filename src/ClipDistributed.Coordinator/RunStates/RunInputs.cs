using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using static ClipDistributed.Coordinator.RunStates.RunAction;
using MessageCase = ClipDistributed.Contracts.Replica.V1.ConnectRequest.MessageOneofCase;

namespace ClipDistributed.Coordinator.RunStates;

/// <summary>What inputs change in a run's state, and what follows from them at once.</summary>
internal static class RunInputs
{
    /// <returns>What follows; neither applied nor performed yet.</returns>
    public static IReadOnlyList<RunAction> Take(this RunState state, RunInput input, TimeSpan now)
    {
        switch (input)
        {
            case RunInput.OfReplica of:
                return state.Take(of.Event, now);
            case RunInput.Stop stop:
                return state.Request(new StopRequest.Stop(), "stop", stop.By, stop.Done);
            case RunInput.Cancel cancel:
                return state.Request(new StopRequest.Cancel(), "cancel", cancel.By, cancel.Done);
            case RunInput.SaveCheckpoint save:
                return state.RequestCheckpoint(save);
            case RunInput.LaunchFailed failed when state.PoisonRows.Trial?.Id == failed.ReplicaId:
                state.PoisonRows.OnTrialNotStarted();
                return [new ForgetTrial(failed.ReplicaId)];
            case RunInput.LaunchFailed failed:
                state.Roster.Find(failed.ReplicaId)?.OnHostLost();
                break;
            case RunInput.HostQuarantined quarantined:
                state.Note($"Host {quarantined.Host} is quarantined {quarantined.Reason}.");
                break;
            case RunInput.StepsRecounted recounted:
                state.Incidents.UsefulSeconds = recounted.UsefulSeconds;
                break;
            case RunInput.PoisonRowsNotSaved failed:
                state.PoisonRows.Failure = string.Concat(
                    $"{state.PoisonRows.LastFound} crashes the decoder, and {failed.File} cannot be written ({failed.Error}); ",
                    "repair that, then clipd submit --resume");
                break;
        }
        return [];
    }

    /// <summary>Takes note of what all inputs up to now have changed together.</summary>
    public static void Observe(this RunState state, TimeSpan now)
    {
        if (state.Generation is { } generation)
        {
            generation.Advance(now);
            state.Step = Math.Max(state.Step, generation.Applied);
        }
        if (!state.IsToRecount)
            state.Incidents.Follow(state);
    }

    /// <summary>This coordinator paused.</summary>
    /// <param name="paused">For so long.</param>
    public static void RenewLeases(this RunState state, TimeSpan now, TimeSpan paused)
    {
        foreach (var replica in state.Roster.All)
            replica.RenewLease(now);
        state.Generation?.Renew(now);
        state.Takeover.Extend(paused);
        state.WaitingSince += paused;
    }

    private static IReadOnlyList<RunAction> Take(this RunState state, ReplicaEvent happened, TimeSpan now)
    {
        if (state.PoisonRows.Trial?.Id == happened.ReplicaId)
            return state.OnTrial(happened);
        if (state.Roster.Find(happened.ReplicaId) is not { } replica)
            return [];
        switch (happened)
        {
            case ReplicaEvent.Connected connected:
                return state.OnConnected(replica, connected, now);
            case ReplicaEvent.MessageReceived received when replica.IsLive && replica.Link == received.Link:
                replica.OnMessage(now);
                return state.OnMessage(replica, received.Message, now);
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
                state.OnDrained(replica, drained, now);
                break;
        }
        return [];
    }

    private static IReadOnlyList<RunAction> OnTrial(this RunState state, ReplicaEvent happened)
    {
        var exit = happened switch
        {
            ReplicaEvent.Exited exited => exited.Exit,
            ReplicaEvent.HostLost => new ProcessExit(null, "its host was lost"),
            _ => null,
        };
        if (exit is null)
            return [];
        state.PoisonRows.OnTrialExited(exit);
        return [new ForgetTrial(happened.ReplicaId)];
    }

    /// <summary>It connects for the first time, or because its link broke, or because this coordinator is new.</summary>
    private static List<RunAction> OnConnected(this RunState state, Replica replica, ReplicaEvent.Connected connected, TimeSpan now)
    {
        var (link, hello) = (connected.Link, connected.Hello);
        if (!replica.IsLive)
            return [new AnswerLeave(link, $"it was given up: {replica.Evidence}")];
        var follows = new List<RunAction>();
        if (replica.LinkState is not LinkState.None)
            follows.Add(new ReportReturn(replica, hello));
        replica.OnHello(link, hello, now);
        state.Roster.OnReady();
        if (state.Ending is { } ending)
            follows.Add(new AnswerLeave(link, ending.Reason));
        if (state.Generation is not { } current || !current.Has(replica))
            return follows;
        if (hello.Generation == current.Number)
            current.Learn(hello.Commands);
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
    private static IReadOnlyList<RunAction> OnMessage(this RunState state, Replica replica, ConnectRequest message, TimeSpan now)
    {
        long number = state.IsMember(replica) ? state.GenerationNumber : 0;
        switch (message.MessageCase)
        {
            case MessageCase.Progress when number > 0 && message.Progress.Generation == number:
                replica.OnProgress(message.Progress, now);
                break;
            case MessageCase.Record when number > 0 && message.Record is { Record_: not null } record && record.Generation == number
                && record.Number > replica.Seat.Recorded:
                replica.Seat.Recorded = record.Number;
                state.OnRecord(replica, record);
                break;
            // A replica that fails while it loads knows of no generation yet.
            case MessageCase.Failure when message.Failure is var failure && (failure.Generation == number || failure.Generation == 0):
                replica.OnFailure(failure);
                var report = new ReportFailure(replica, number, failure);
                return failure.Kind == FailureKind.Faulty
                    ? [report, new Lose(replica, $"computes wrongly: {string.Join(" | ", failure.Errors)},"), new Kill(replica)]
                    : [report];
            case MessageCase.Ended when message.Ended.Generation == number:
                replica.OnEnded(message.Ended);
                break;
        }
        return [];
    }

    /// <summary>A step of an attempt that was recorded before and is recomputed after a fault gives the same: it is kept once.</summary>
    private static void OnRecord(this RunState state, Replica replica, Record received)
    {
        var record = received.Record_;
        if (RecordReading.AttemptOf(record) is { } attempt && attempt != state.Attempt)
        {
            state.IsToRecount |= state.RecordedStep > (RecordReading.StartOf(record) ?? 0);
            (state.Attempt, state.RecordedStep) = (attempt, 0);
        }
        if (RecordReading.StepOf(record) is { } step)
        {
            state.Incidents.OnStep(step, RecordReading.SecondsOf(record) ?? 0, state);
            if (step <= state.RecordedStep)
                return;
            state.RecordedStep = step;
        }
        if (RecordReading.IsCheckpoint(record))
            state.Checkpoint = CheckpointRequest.None;
        state.Records.Add(record, state.GenerationNumber, replica.ReplicaId, received.Number);
        state.Loss = RecordReading.LossOf(record) ?? state.Loss;
    }

    private static void OnDrained(this RunState state, Replica replica, ReplicaEvent.HostDrained drained, TimeSpan now)
    {
        if (drained.IsDrained)
            replica.Drain(drained.Grace is { } grace ? now + grace : null);
        else
            replica.StopDraining();
        // Each of its replicas is notified; one record is enough.
        string host = replica.Device.Host;
        if (state.Roster.All.FirstOrDefault(other => other.IsLive && other.Device.Host == host) == replica)
            state.NoteRequest($"{(drained.IsDrained ? "drain" : "stop draining")} host {host}", drained.By);
    }

    private static RunAction[] Request(this RunState state, StopRequest request, string name, string by, TaskCompletionSource done)
    {
        if (state.Stop is StopRequest.Cancel || state.Ending is not null)
            return [new Confirm(done)];
        state.Stop = request is StopRequest.Stop && state.Stop is StopRequest.Stop already ? already : request;
        state.NoteRequest(name, by);
        return request is StopRequest.Stop && state.HasComputed
            ? [new SetPhase(RunPhase.Stopping, "a clean stop was asked for; the step in flight is finished and saved"), new Confirm(done)]
            : [new Confirm(done)];
    }

    private static RunAction[] RequestCheckpoint(this RunState state, RunInput.SaveCheckpoint save)
    {
        if (state.Stop is not null || state.Ending is not null)
        {
            string phase = RunPhases.Clause(state.Phase);
            return [new Refuse(save.Done, $"run {state.RunId} {phase} and saves what it saves; nothing more can be asked for")];
        }
        state.Checkpoint = CheckpointRequest.Requested;
        state.NoteRequest("checkpoint", save.By);
        return [new Confirm(save.Done)];
    }

    /// <param name="request">As in <c>drain host b</c>.</param>
    /// <param name="by">Empty: it is not known, or it was no person.</param>
    private static void NoteRequest(this RunState state, string request, string by)
    {
        if (by != "")
            state.Records.Add(RunRecords.ToStruct(new RequestReceived(state.Step, request, by)), state.GenerationNumber);
    }
}
