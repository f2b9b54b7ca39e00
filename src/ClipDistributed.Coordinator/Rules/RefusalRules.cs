using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// An input that one replica cannot use, none can, and a retry does not help. Unless a step was computed and others hold its state: they
/// can use the input, so that the error is specific to the one host.
/// </summary>
internal static class RefusalRules
{
    public static IEnumerable<RunAction> Next(RunSituation at) => at.Census is { Reported: 0, Exited: 0 } ? [] : Refuse(at.Run);

    private static IEnumerable<RunAction> Refuse(ActiveRun run)
    {
        var refused = run.Roster.All.Where(replica => replica is { Refuses: true, Link: not null, IsLive: true }).ToList();
        foreach (var one in refused.Where(replica => CanSpare(replica, run)))
        {
            yield return new Lose(one, $"cannot go on ({string.Join(" | ", one.Seat.Failure!.Errors)})");
            yield return new Kill(one);
        }
        string? reason = refused.Find(replica => !CanSpare(replica, run)) is { } last
            ? GenerationOutcome.Refusal(last)
            : RefusedLoading(run) is { } loading ? $"{Named(loading)}: {loading.Exit!.LastOutput}" : null;
        if (reason is null)
            yield break;
        foreach (var action in EndingRules.Begin(run, RunState.Failed, reason))
            yield return action;
    }

    /// <summary>One that refused its input before it had a link to report that on.</summary>
    private static Replica? RefusedLoading(ActiveRun run) => run.Roster.All.FirstOrDefault(replica =>
        replica is { Link: null, Exit: { Code: ExitCodes.BadInput, LastOutput: not "" } } && !CanSpare(replica, run));

    /// <summary>Others hold the state and have not refused. Not at a run's end: that its state cannot be saved must be reported.</summary>
    private static bool CanSpare(Replica refused, ActiveRun run) =>
        run.Incidents.UsefulSeconds > 0 && run.Stop is null && refused.Seat.Failure?.Kind != FailureKind.Diverged
        && refused.Applied < run.Steps
        && run.Roster.All.Any(other => other is { IsLive: true, Refuses: false, Applied: >= 0 } && other != refused);

    private static string Named(Replica replica) => $"host {replica.Device.Host} (replica {replica.ReplicaId})";
}
