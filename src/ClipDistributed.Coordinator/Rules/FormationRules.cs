using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Data.Streams;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// Forms the next generation, or says what it waits for. Too few replicas wait with the state in memory, for a while; then they save
/// it and the run stops.
/// </summary>
internal static class FormationRules
{
    private const string Resume = "clipd submit SPEC --resume goes on from the newest checkpoint";

    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var run = at.Run;
        if (run.Generation is not null || run.PoisonRows.IsActive || run.Pause == PauseStage.Saved || run.Takeover.IsWaiting)
            return [];
        bool saves = run.IsToSave;
        // Saving needs one replica: it saves what the others hold too.
        var need = saves ? run.Need with { Min = 1 } : run.Need;
        return GroupDecision.Decide(run.Roster.All, need, run.HasComputed, saves) switch
        {
            GroupDecision.Form form => [Form(at, form.Members)],
            GroupDecision.Restore when run.Pause == PauseStage.Requested =>
            [
                new AddNotice($"Paused after step {run.Step}, but {UnsavedLoss.Text}: the newest checkpoint is what is left."),
                new BeginPause(run.Step, PauseRules.Reason(run, UnsavedLoss.Text, " from the newest checkpoint"), IsLoss: true),
            ],
            GroupDecision.Restore when saves =>
                EndingRules.Begin(run, RunState.Failed, $"{UnsavedLoss.Text}; {Resume}"),
            GroupDecision.Restore restore when run.Roster.StartupFailures < ActiveRun.MaxStartupFailures => Restore(at, restore.Reason),
            GroupDecision.Restore => EndingRules.Begin(run, RunState.Failed, string.Concat(
                $"{Counted.Plain(ActiveRun.MaxStartupFailures, "replica")} in a row ended before they were ready; ",
                $"the last: {run.Roster.LastStartupFailure}; {Resume}")),
            var wait => Wait(at, wait.Reason),
        };
    }

    private static AnnounceGeneration Form(RunSituation at, IReadOnlyList<Replica> members)
    {
        var (run, settings) = (at.Run, at.Run.Settings);
        long start = members[0].Applied, number = run.GenerationNumber + 1;
        var shares = Shares.Even(settings.Order.GlobalBatch, members.Count, settings.ShareUnit);
        var plan = new AssignmentPlan(settings.Order, number, shares, run.Steps, at.Options.AssignmentHorizon);
        string because = run.NextReason == "" ? "" : $"{run.NextReason}. ";
        string counted = Counted.Plain(members.Count, "replica");
        return new AnnounceGeneration(
            new Generation(number, members, start, plan, at.Now),
            number == 1 ? "" : $"{because}Generation {number} goes on after step {start} with {counted}.");
    }

    /// <summary>None of the living holds a state: all are started anew, one of them from the newest checkpoint.</summary>
    private static IEnumerable<RunAction> Restore(RunSituation at, string reason)
    {
        foreach (var replica in at.Run.Roster.All.Where(replica => replica.IsLive))
            yield return new Lose(replica, "is started anew", IsExcused: true);
        foreach (var action in RunPolicy.SetState(at.Run, at.Run.HasComputed ? RunState.Recovering : RunState.Starting, reason))
            yield return action;
        yield return at.Poll;
    }

    private static IEnumerable<RunAction> Wait(RunSituation at, string reason)
    {
        var run = at.Run;
        if (!run.HasComputed)
            return RunPolicy.SetState(run, RunState.Starting, "").Append(at.Poll);
        if (run.WaitingSince is not { } since)
            return [new BeginWaiting()];
        reason += at.ClosedHosts();
        if (run.IsToSave || WaitLimit.Reached(run.Roster.All, since, at.Now, run.Settings.WaitTimeout) is not { } reached)
            return RunPolicy.SetState(run, RunState.Waiting, reason).Append(at.Poll);
        string cause = $"{reason}; {reached}";
        return
        [
            new AddNotice($"Too few replicas: {cause}. Those that hold the state do one more step, save it and stop."),
            new StopRun(cause),
            new SetState(RunState.Stopping, cause),
        ];
    }
}
