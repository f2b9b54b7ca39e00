using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.RunStates;
using ClipDistributed.Data.Streams;
using static ClipDistributed.Coordinator.RunStates.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// The next generation, or what it waits for. Too few replicas wait with the state in memory, for a while; then they save it and
/// the run stops.
/// </summary>
internal static class FormationRules
{
    private const string Resume = "clipd submit --resume goes on from the newest checkpoint";

    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var state = at.State;
        if (state.Generation is not null || state.PoisonRows.IsActive)
            return [];
        if (state.Takeover.IsWaiting)
            return [new WakeAt(state.Takeover.Until)];
        bool saves = state.Stop is not null;
        // A run that is to stop needs one replica that saves what the others hold too.
        var need = saves ? state.Work.Need with { Min = 1 } : state.Work.Need;
        return GroupDecision.Decide(state.Roster.All, need, state.HasComputed, saves) switch
        {
            GroupDecision.Form form => [Form(at, form.Members)],
            GroupDecision.Restore when saves =>
                EndingRules.Begin(state, RunPhase.Failed, $"all replicas were lost before they could save; {Resume}"),
            GroupDecision.Restore restore when state.Roster.StartupFailures < RunState.MaxStartupFailures => Restore(at, restore.Reason),
            GroupDecision.Restore => EndingRules.Begin(state, RunPhase.Failed, string.Concat(
                $"{Counted.Plain(RunState.MaxStartupFailures, "replica")} in a row ended before they were ready; ",
                $"the last: {state.Roster.LastStartupFailure}; {Resume}")),
            var wait => Wait(at, wait.Reason),
        };
    }

    private static AnnounceGeneration Form(RunSituation at, IReadOnlyList<Replica> members)
    {
        var (state, work) = (at.State, at.State.Work);
        long start = members[0].Applied, number = state.GenerationNumber + 1;
        var shares = Shares.Even(work.Order.GlobalBatch, members.Count, work.ShareUnit);
        var plan = new AssignmentPlan(work.Order, number, shares, state.Steps, at.Options.AssignmentHorizon);
        string because = state.NextReason == "" ? "" : $"{state.NextReason}. ";
        string counted = Counted.Plain(members.Count, "replica");
        return new AnnounceGeneration(
            new Generation(number, members, start, plan, at.Now),
            number == 1 ? "" : $"{because}Generation {number} goes on after step {start} with {counted}.");
    }

    /// <summary>None of the living holds a state: all are started anew, one of them from the newest checkpoint.</summary>
    private static IEnumerable<RunAction> Restore(RunSituation at, string reason)
    {
        foreach (var replica in at.State.Roster.All.Where(replica => replica.IsLive))
            yield return new Lose(replica, "is started anew", IsExcused: true);
        foreach (var action in RunPolicy.Phase(at.State, at.State.HasComputed ? RunPhase.Recovering : RunPhase.Starting, reason))
            yield return action;
        yield return at.Poll;
    }

    private static IEnumerable<RunAction> Wait(RunSituation at, string reason)
    {
        var state = at.State;
        if (!state.HasComputed)
            return RunPolicy.Phase(state, RunPhase.Starting, "").Append(at.Poll);
        if (state.WaitingSince is not { } since)
            return [new BeginWaiting()];
        reason += at.ClosedHosts();
        if (state.Stop is not null || WaitLimit.Reached(state.Roster.All, since, at.Now, state.Work.Patience) is not { } reached)
            return RunPolicy.Phase(state, RunPhase.Waiting, reason).Append(at.Poll);
        string cause = $"{reason}; {reached}";
        return
        [
            new AddNotice($"Too few replicas: {cause}. Those that hold the state do one more step, save it and stop."),
            new StopRun(cause),
            new SetPhase(RunPhase.Stopping, cause),
        ];
    }
}
