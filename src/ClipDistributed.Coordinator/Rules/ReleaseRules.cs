using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>Replicas that are in no generation: those of a generation are handled by its rules.</summary>
internal static class ReleaseRules
{
    /// <summary>Those whose time-out has passed are lost.</summary>
    public static IEnumerable<RunAction> Expire(RunSituation at)
    {
        var (run, options) = (at.Run, at.Options);
        foreach (var replica in at.Census.Unlinked > 0 ? run.Roster.All : [])
        {
            if (!replica.IsLive || replica.IsLinked)
                continue;
            if (replica.Link is null && at.Now >= replica.LastMessageAt + options.LoadTimeout)
                yield return new Lose(replica, $"was not ready within {options.LoadTimeout}", LossCause.NotReady);
            else if (!run.IsMember(replica) && Absence(replica, at) is { } lost)
                yield return lost;
        }
    }

    private static Lose? Absence(Replica replica, RunSituation at)
    {
        var lease = at.Options.ReplicaLease;
        return replica.LinkState switch
        {
            LinkState.Broken broken when at.Now >= broken.Since + lease =>
                new Lose(replica, $"lost its connection and did not reconnect within {lease.TotalSeconds:0.#} s"),
            LinkState.Awaited when replica.IsHostLost && at.Now >= at.Run.Takeover.Until + lease =>
                new Lose(replica, "did not reconnect after the coordinator was restarted", IsExcused: true),
            _ => null,
        };
    }

    /// <summary>Lost ones are released, so that others replace them.</summary>
    public static IEnumerable<RunAction> Release(RunSituation at)
    {
        var run = at.Run;
        foreach (var replica in at.Census.Lost > 0 ? run.Roster.All : [])
        {
            if (replica.IsLive || run.IsMember(replica))
                continue;
            if (replica is { Standing: Standing.Departing departing, Exit: null } && at.Now < departing.Since + at.Options.LeaveGrace)
            {
                yield return new WakeAt(departing.Since + at.Options.LeaveGrace); // it ends by itself
                continue;
            }
            // Not where its host was lost too: many may be at once, and others start elsewhere.
            bool isStartupFailure = replica is
            {
                LinkState: LinkState.None,
                Standing: Standing.Lost { Cause: LossCause.Exited or LossCause.NotReady },
                Exit: not { Code: null },
            };
            string failure = isStartupFailure ? replica.ReplicaId : $"{run.RunId} {run.GenerationNumber}";
            if (replica.Exit is null)
                yield return new Kill(replica); // it may be alive behind a network partition: its messages are ignored from now on
            // A device that failed by itself stays closed; one that had too little memory is tried again, less and less often.
            var ofDevice = replica.Seat.Failure is { OfDevice: true } reported ? reported : null;
            bool isExcused = replica.IsExcused || run.Pause == PauseStage.Saved; // it had to leave anyway
            yield return new Release(
                replica,
                isExcused || ofDevice is not null ? null : failure,
                ofDevice is { Kind: not FailureKind.Faulty } ? failure : null,
                ofDevice is { Kind: FailureKind.Faulty } ? string.Join(" | ", ofDevice.Errors) : null,
                isStartupFailure);
        }
    }
}
