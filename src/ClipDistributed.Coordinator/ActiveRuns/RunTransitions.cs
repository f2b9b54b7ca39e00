using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>Applies actions to a run's state. Actions that are not listed do not change it.</summary>
internal static class RunTransitions
{
    public static void Apply(this ActiveRun run, RunAction action, Moment at)
    {
        switch (action)
        {
            case SetState set:
                (run.State, run.Reason) = (set.State, set.Reason);
                break;
            case AddNotice notice:
                run.Note(notice.Text);
                break;
            case RefuseInput refused:
                run.Damage = null;
                run.Records.Add(new RunRecord { Refused = new InputRefused { Errors = { refused.Reason } } }, run.GenerationNumber);
                break;
            case BeginWaiting:
                run.WaitingSince = at.Now;
                break;
            case StopRun stop:
                run.Stop = new StopRequest.Stop(stop.Cause);
                break;
            case Preempt or BeginPause or PauseRun:
                run.ApplyPause(action, at);
                break;
            case RecountSteps:
                run.IsToRecount = false;
                break;
            case EndTakeover end:
                run.End(end, at);
                break;
            case BeginEnding begin:
                run.Step = Math.Max(run.Step, begin.Step);
                run.Ending ??= new Ending(begin.State, begin.Reason, at.Now);
                break;
            case AnnounceRunEnd:
                run.Ending = run.Ending! with { Stage = EndingStage.Announced };
                break;
            case KillRun:
                run.Ending = run.Ending! with { Stage = EndingStage.Killed };
                break;
            case EndRun:
                run.Incidents.OnEnd(run.Ending!.State);
                (run.State, run.Reason, run.Ended) = (run.Ending.State, run.Ending.Reason, at.Utc);
                break;
            default:
                ApplyToReplicas(run, action, at);
                break;
        }
    }

    /// <summary>All records up to now are durable.</summary>
    /// <param name="outage">The store was unavailable before that; null: it was not.</param>
    public static void OnSaved(this ActiveRun run, StoreOutage? outage)
    {
        if (outage is not null)
            run.Incidents.OnOutage(outage, run);
        foreach (var member in run.Generation?.Members ?? [])
            member.Seat.Persisted = member.Seat.Recorded;
    }

    public static void Note(this ActiveRun run, string text) =>
        run.Records.Add(NoticeRecord.Of(run.Step, text), run.GenerationNumber);

    private static void ApplyToReplicas(ActiveRun run, RunAction action, Moment at)
    {
        switch (action)
        {
            case PlaceRun placed:
                (run.Kind, run.State, run.Reason) = (placed.Kind, RunState.Starting, "");
                break;
            case Launch launch:
                run.Launched++;
                run.Roster.Add(launch.Replica, launch.Row);
                run.News.Launched.Add(launch.Row);
                break;
            case Lose lose:
                lose.Replica.Lose(lose.Evidence, lose.Cause, isExcused: lose.IsExcused);
                break;
            case Dismiss dismiss:
                dismiss.Replica.Depart($"leaves, because {dismiss.Reason},", at.Now);
                if (dismiss.IsReason)
                    run.NextReason += $"{(run.NextReason == "" ? "" : "; ")}{dismiss.Replica.Described} {dismiss.Replica.Evidence}";
                break;
            case Release release:
                run.Release(release, at);
                break;
            case Acknowledge acknowledge:
                acknowledge.Replica.Seat.Acknowledged = acknowledge.Number;
                break;
            case StartTrial start:
                run.PoisonRows.OnTrialStarted(start.Trial);
                break;
            case TimeOutTrial:
                string text = $"it took longer than {RowTrial.Timeout.TotalMinutes:0} minutes";
                run.PoisonRows.OnTrialExited(new ProcessExit(null, text));
                break;
            case AbandonSearch:
                run.PoisonRows.Abandon();
                break;
            case ConcludeSearch conclude:
                run.Note(conclude.Notice);
                run.PoisonRows.Conclude(conclude.Found, conclude.Summary, run.Step + 1);
                if (conclude.Found.Count > 0)
                    run.Incidents.OnPoisonRows(conclude.Summary);
                break;
            default:
                ApplyToGeneration(run, action, at);
                break;
        }
    }

    private static void ApplyToGeneration(ActiveRun run, RunAction action, Moment at)
    {
        switch (action)
        {
            case ReportStuck stuck:
                run.Generation!.Stuck = stuck.Reason;
                break;
            case BreakGeneration broken:
                run.Generation!.BrokenAt = at.Now;
                if (broken.IsIncident)
                    run.Incidents.OnBroken();
                break;
            case AnnounceGenerationEnd end:
                end.Replica.Seat.IsEndAnnounced = true;
                break;
            case ExplainIncident explain:
                run.Incidents.OnSettled(explain.Reason, run);
                break;
            case SettleGeneration settle:
                run.Settle(settle);
                break;
            case AnnounceGeneration announce:
                run.Announce(announce.Generation, at);
                break;
            case OrderCommand order:
                run.Generation!.Order(order.Kind);
                if (order.Kind == CommandKind.Checkpoint)
                    run.Checkpoint = CheckpointRequest.Ordered;
                break;
            case SendCommand send:
                send.Replica.Seat.Commanded = (int)send.Command.Number;
                break;
            case Assign assign:
                assign.Replica.Seat.Assigned = assign.Assignment.LastStep;
                break;
            case ReviewShares review:
                run.Shares.OnReviewed(review.Applied, review.Change);
                if (review.Change is { } change)
                    run.Reshare(change);
                break;
        }
    }

    private static void End(this ActiveRun run, EndTakeover end, Moment at)
    {
        var takeover = run.Takeover;
        takeover.End(at.Now);
        run.Step = Math.Max(run.Step, run.Generation?.Applied ?? 0);
        string back = $"{end.Back} of {Counted.Plain(run.Roster.All.Count, "replica")} reconnected";
        string goesOn = run.Generation is { } generation ? $", generation {generation.Number} goes on" : "";
        string cause = $"{char.ToUpperInvariant(takeover.Cause[0])}{takeover.Cause[1..]}";
        run.Note($"{cause} (term {run.Term}): {back} within {at.Now.TotalSeconds:0.0} s{goesOn}.");
        run.Incidents.OnEvent(takeover.Kind, takeover.Cause, back, run);
    }

    private static void Release(this ActiveRun run, Release release, Moment at)
    {
        var replica = release.Replica;
        if (release.IsStartupFailure)
            run.Roster.OnStartupFailure(replica);
        run.Incidents.OnLost(replica, run);
        var row = run.Roster.Remove(replica);
        (row.Released, row.Evidence) = (at.Utc, replica.Evidence!);
        (row.Cause, row.DeviceCause) = (release.Failure ?? "", release.DeviceFailure ?? "");
        run.News.Released.Add(row);
    }

    private static void Settle(this ActiveRun run, SettleGeneration settle)
    {
        string reason = settle.Reason;
        var over = run.Generation!;
        run.Incidents.OnSettled(reason, run);
        run.PoisonRows.OnGenerationOver(over, run.Steps, maySearch: !run.IsToSave);
        if (over.Applied > over.StartStep || reason == "")
            run.GenerationsWithoutProgress = 0;
        else if (over.Members.All(member => member.Seat.Failure is null or { UnreachedRanks.Count: 0 }))
            run.GenerationsWithoutProgress++; // a cut network recovers, and hosts behind it get fewer and fewer replicas
        run.Step = Math.Max(run.Step, over.Applied);
        (run.Generation, run.NextReason) = (null, reason == "" ? settle.Next : reason);
        if (run.Checkpoint == CheckpointRequest.Ordered)
            run.Checkpoint = CheckpointRequest.Requested; // the member that was to save it may be lost
    }

    private static void Announce(this ActiveRun run, Generation next, Moment at)
    {
        for (int rank = 0; rank < next.Members.Count; rank++)
            next.Members[rank].Begin(rank, next.StartStep, at.Now);
        run.Incidents.OnAnnounced(next, run.NextReason, isFirst: !run.HasComputed);
        (run.PausedSince, run.HasLostUnsaved) = (null, false);
        run.Preemption = run.Pause == PauseStage.None ? run.Preemption.Return(at.Utc) : run.Preemption;
        (run.Generation, run.GenerationNumber, run.GenerationSize) = (next, next.Number, next.Members.Count);
        (run.Step, run.Started, run.WaitingSince, run.NextReason) = (next.StartStep, run.Started ?? at.Utc, null, "");
        run.Loss = next.StartStep < run.RecordedStep ? null : run.Loss; // it was that of a later step
        (run.State, run.Reason) = (run.ComputingState, "");
        run.Shares.Restart(next.StartStep);
        run.News.Begun.Add(new GenerationRow
        {
            RunId = run.RunId,
            Number = next.Number,
            Announced = at.Utc,
            StartStep = next.StartStep,
            Term = run.Term,
            Members = string.Join('\n', next.Members.Select(member => member.ReplicaId)),
            Shares = StoredShares.Write(next.Assignments.At(next.StartStep + 1)),
        });
    }

    private static void Reshare(this ActiveRun run, ShareChange change)
    {
        var generation = run.Generation!;
        generation.Reshare(change.First, change.Shares);
        run.News.Reshared.Add(new ShareRow
        {
            RunId = run.RunId,
            Generation = generation.Number,
            FirstStep = change.First,
            Shares = StoredShares.Write(change.Shares),
            Reason = change.Reason,
        });
        run.Records.Add(NoticeRecord.Of(generation.Applied, change.Reason), generation.Number);
    }
}
