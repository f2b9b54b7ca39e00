using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.RunStates;
using static ClipDistributed.Coordinator.RunStates.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// What a replica cannot use, none can, and trying again gives the same. Unless a step was computed and others hold its state: they
/// have used it, so that something is wrong with the one host.
/// </summary>
internal static class RefusalRules
{
    public static IEnumerable<RunAction> Next(RunSituation at) => at.Census is { Reported: 0, Exited: 0 } ? [] : Refuse(at.State);

    private static IEnumerable<RunAction> Refuse(RunState state)
    {
        var refused = state.Roster.All.Where(replica => replica is { Refuses: true, Link: not null, IsLive: true }).ToList();
        foreach (var one in refused.Where(replica => CanSpare(replica, state)))
        {
            yield return new Lose(one, $"cannot go on ({string.Join(" | ", one.Seat.Failure!.Errors)})");
            yield return new Kill(one);
        }
        string? reason = refused.Find(replica => !CanSpare(replica, state)) is { } last
            ? GenerationOutcome.Refusal(last)
            : Unread(state) is { } unread ? $"{Named(unread)}: {unread.Exit!.Words}" : null;
        if (reason is null)
            yield break;
        foreach (var action in EndingRules.Begin(state, RunPhase.Failed, reason))
            yield return action;
    }

    /// <summary>One that refused its input before it had a link to report it.</summary>
    private static Replica? Unread(RunState state) => state.Roster.All.FirstOrDefault(replica =>
        replica is { Link: null, Exit: { Code: ExitCodes.BadInput, Words: not "" } } && !CanSpare(replica, state));

    /// <summary>Others hold the state and have not refused. Not at a run's end: what cannot be saved there is to be reported.</summary>
    private static bool CanSpare(Replica refused, RunState state) =>
        state.Incidents.UsefulSeconds > 0 && state.Stop is null && refused.Seat.Failure?.Kind != FailureKind.Diverged
        && refused.Applied < state.Steps
        && state.Roster.All.Any(other => other is { IsLive: true, Refuses: false, Applied: >= 0 } && other != refused);

    private static string Named(Replica replica) => $"host {replica.Device.Host} (replica {replica.ReplicaId})";
}
