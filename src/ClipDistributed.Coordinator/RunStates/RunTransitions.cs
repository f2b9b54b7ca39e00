using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using static ClipDistributed.Coordinator.RunStates.RunAction;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.RunStates;

/// <summary>What actions change in a run's state. Those that are not listed change nothing.</summary>
internal static class RunTransitions
{
    public static void Apply(this RunState state, RunAction action, Moment at)
    {
        switch (action)
        {
            case SetPhase set:
                (state.Phase, state.Reason) = (set.Phase, set.Reason);
                break;
            case AddNotice notice:
                state.Note(notice.Text);
                break;
            case RefuseInput refused:
                state.Damage = null;
                state.Records.Add(RunRecords.ToStruct(new InputRefused([refused.Reason])), state.GenerationNumber);
                break;
            case BeginWaiting:
                state.WaitingSince = at.Now;
                break;
            case StopRun stop:
                state.Stop = new StopRequest.Stop(stop.Cause);
                break;
            case RecountSteps:
                state.IsToRecount = false;
                break;
            case EndTakeover end:
                state.End(end, at);
                break;
            case BeginEnding begin:
                state.Step = Math.Max(state.Step, begin.Step);
                state.Ending ??= new Ending(begin.Phase, begin.Reason, at.Now);
                break;
            case AnnounceRunEnd:
                state.Ending = state.Ending! with { Stage = EndingStage.Announced };
                break;
            case KillRun:
                state.Ending = state.Ending! with { Stage = EndingStage.Killed };
                break;
            case EndRun:
                state.Incidents.OnEnd(state.Ending!.Phase);
                (state.Phase, state.Reason, state.Ended) = (state.Ending.Phase, state.Ending.Reason, at.Utc);
                break;
            default:
                ApplyToReplicas(state, action, at);
                break;
        }
    }

    /// <summary>All records up to now are durable.</summary>
    /// <param name="outage">The store was unavailable before that; null: it was not.</param>
    public static void OnSaved(this RunState state, StoreAbsence? outage)
    {
        if (outage is not null)
            state.Incidents.OnOutage(outage, state);
        foreach (var member in state.Generation?.Members ?? [])
            member.Seat.Persisted = member.Seat.Recorded;
    }

    public static void Note(this RunState state, string text) =>
        state.Records.Add(RunRecords.ToStruct(new RunNotice(state.Step, text)), state.GenerationNumber);

    private static void ApplyToReplicas(RunState state, RunAction action, Moment at)
    {
        switch (action)
        {
            case PlaceRun placed:
                (state.Kind, state.Phase, state.Reason) = (placed.Kind, RunPhase.Starting, "");
                break;
            case Launch launch:
                state.Launched++;
                state.Roster.Add(launch.Replica, launch.Row);
                state.News.Launched.Add(launch.Row);
                break;
            case Lose lose:
                lose.Replica.Lose(lose.Evidence, lose.Cause, isExcused: lose.IsExcused);
                break;
            case Dismiss dismiss:
                dismiss.Replica.Depart($"leaves, because {dismiss.Reason},", at.Now);
                if (dismiss.IsReason)
                    state.NextReason += $"{(state.NextReason == "" ? "" : "; ")}{dismiss.Replica.Described} {dismiss.Replica.Evidence}";
                break;
            case Release release:
                state.Release(release, at);
                break;
            case Acknowledge acknowledge:
                acknowledge.Replica.Seat.Acknowledged = acknowledge.Number;
                break;
            case StartTrial start:
                state.PoisonRows.OnTrialStarted(start.Trial);
                break;
            case TimeOutTrial:
                string text = $"it took longer than {RowTrial.Patience.TotalMinutes:0} minutes";
                state.PoisonRows.OnTrialExited(new ProcessExit(null, text));
                break;
            case AbandonSearch:
                state.PoisonRows.Abandon();
                break;
            case ConcludeSearch conclude:
                state.Note(conclude.Notice);
                state.PoisonRows.Conclude(conclude.Found, conclude.Summary, state.Step + 1);
                if (conclude.Found.Count > 0)
                    state.Incidents.OnPoisonRows(conclude.Summary);
                break;
            default:
                ApplyToGeneration(state, action, at);
                break;
        }
    }

    private static void ApplyToGeneration(RunState state, RunAction action, Moment at)
    {
        switch (action)
        {
            case ReportStuck stuck:
                state.Generation!.Stuck = stuck.Reason;
                break;
            case BreakGeneration broken:
                state.Generation!.BrokenAt = at.Now;
                if (broken.IsIncident)
                    state.Incidents.OnBroken();
                break;
            case AnnounceGenerationEnd end:
                end.Replica.Seat.IsEndAnnounced = true;
                break;
            case ExplainIncident explain:
                state.Incidents.OnSettled(explain.Reason, state);
                break;
            case SettleGeneration settle:
                state.Settle(settle.Reason);
                break;
            case AnnounceGeneration announce:
                state.Announce(announce.Generation, at);
                break;
            case OrderCommand order:
                state.Generation!.Order(order.Kind);
                if (order.Kind == CommandKind.Checkpoint)
                    state.Checkpoint = CheckpointRequest.Ordered;
                break;
            case SendCommand send:
                send.Replica.Seat.Commanded = (int)send.Command.Number;
                break;
            case Assign assign:
                assign.Replica.Seat.Assigned = assign.Assignment.LastStep;
                break;
            case ReviewShares review:
                state.Shares.OnReviewed(review.Applied, review.Change);
                if (review.Change is { } change)
                    state.Reshare(change);
                break;
        }
    }

    private static void End(this RunState state, EndTakeover end, Moment at)
    {
        var takeover = state.Takeover;
        takeover.End(at.Now);
        state.Step = Math.Max(state.Step, state.Generation?.Applied ?? 0);
        string back = $"{end.Back} of {Counted.Plain(state.Roster.All.Count, "replica")} came back";
        string goesOn = state.Generation is { } generation ? $", generation {generation.Number} goes on" : "";
        string cause = $"{char.ToUpperInvariant(takeover.Cause[0])}{takeover.Cause[1..]}";
        state.Note($"{cause} (term {state.Term}): {back} within {at.Now.TotalSeconds:0.0} s{goesOn}.");
        state.Incidents.OnBeside(takeover.Kind, takeover.Cause, back, state);
    }

    private static void Release(this RunState state, Release release, Moment at)
    {
        var replica = release.Replica;
        if (release.IsStartupFailure)
            state.Roster.OnStartupFailure(replica);
        state.Incidents.OnLost(replica, state);
        var row = state.Roster.Remove(replica);
        (row.Released, row.Evidence, row.Cause) = (at.Utc, replica.Evidence!, release.Failure ?? "");
        state.News.Released.Add(row);
    }

    private static void Settle(this RunState state, string reason)
    {
        var over = state.Generation!;
        state.Incidents.OnSettled(reason, state);
        state.PoisonRows.OnGenerationOver(over, state.Steps, maySearch: state.Stop is null);
        if (over.Applied > over.StartStep || reason == "")
            state.GenerationsWithoutProgress = 0;
        else if (over.Members.All(member => member.Seat.Failure is null or { UnreachedRanks.Count: 0 }))
            state.GenerationsWithoutProgress++; // a cut network recovers, and hosts behind it get fewer and fewer replicas
        state.Step = Math.Max(state.Step, over.Applied);
        (state.Generation, state.NextReason) = (null, reason);
        if (state.Checkpoint == CheckpointRequest.Ordered)
            state.Checkpoint = CheckpointRequest.Requested; // the member that was to save it may be lost
    }

    private static void Announce(this RunState state, Generation next, Moment at)
    {
        for (int rank = 0; rank < next.Members.Count; rank++)
            next.Members[rank].Begin(rank, next.StartStep, at.Now);
        state.Incidents.OnAnnounced(next, state.NextReason);
        (state.Generation, state.GenerationNumber, state.GenerationSize) = (next, next.Number, next.Members.Count);
        (state.Step, state.Started, state.WaitingSince, state.NextReason) = (next.StartStep, state.Started ?? at.Utc, null, "");
        (state.Phase, state.Reason) = (state.ComputingPhase, "");
        state.Shares.Restart(next.StartStep);
        state.News.Begun.Add(new GenerationRow
        {
            RunId = state.RunId,
            Number = next.Number,
            Announced = at.Utc,
            StartStep = next.StartStep,
            Term = state.Term,
            Members = string.Join('\n', next.Members.Select(member => member.ReplicaId)),
            Shares = StoredShares.Write(next.Assignments.At(next.StartStep + 1)),
        });
    }

    private static void Reshare(this RunState state, ShareChange change)
    {
        var generation = state.Generation!;
        generation.Reshare(change.First, change.Shares);
        state.News.Reshared.Add(new ShareRow
        {
            RunId = state.RunId,
            Generation = generation.Number,
            FirstStep = change.First,
            Shares = StoredShares.Write(change.Shares),
        });
        state.Records.Add(RunRecords.ToStruct(new RunNotice(generation.Applied, change.Reason)), generation.Number);
    }
}
