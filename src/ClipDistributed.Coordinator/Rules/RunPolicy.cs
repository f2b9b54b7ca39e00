using ClipDistributed.Coordinator.ActiveRuns;
namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// Decides the next actions for a run: its rules are evaluated in a fixed order, and the first that returns actions decides. They are
/// applied and performed before the rules are evaluated again, until none returns any. Pure.
/// </summary>
internal static class RunPolicy
{
    private static readonly Func<RunSituation, IEnumerable<RunAction>>[] Always = [RequestRules.Recount, EndingRules.Next];

    private static readonly Func<RunSituation, IEnumerable<RunAction>>[] BeforePlacement =
        [RequestRules.Recount, RequestRules.Next, PauseRules.Next];

    private static readonly Func<RunSituation, IEnumerable<RunAction>>[] Computing =
    [
        RequestRules.Recount,
        TakeoverRules.Next,
        RequestRules.Next,
        RefusalRules.Next,
        FailureRules.Next,
        GenerationRules.Next,
        PauseRules.Next,
        DrainRules.Next,
        ReleaseRules.Expire,
        ReleaseRules.Release,
        SearchRules.Next,
        FormationRules.Next,
    ];

    /// <returns>Actions; where there are none, when to ask again, if time alone changes something.</returns>
    public static IReadOnlyList<RunAction> Next(RunSituation at)
    {
        RunAction.WakeAt? earliest = null;
        var rules = at.Run.Ending is not null ? Always : at.Run.HasDevices ? Computing : BeforePlacement;
        foreach (var rule in rules)
        {
            List<RunAction>? actions = null;
            foreach (var action in rule(at))
            {
                if (action is not RunAction.WakeAt wake)
                    (actions ??= []).Add(action);
                else if (earliest is null || wake.Moment < earliest.Moment)
                    earliest = wake;
            }
            if (actions is not null)
                return actions;
        }
        return earliest is null ? [] : [earliest];
    }

    /// <summary>No action where the run is already in that state for that reason.</summary>
    public static IEnumerable<RunAction> SetState(ActiveRun run, Contracts.Run.V1.RunState state, string reason) =>
        (run.State, run.Reason) == (state, reason) ? [] : [new RunAction.SetState(state, reason)];
}
