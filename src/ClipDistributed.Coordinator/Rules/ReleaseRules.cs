using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>Replicas that are in no generation: those of a generation are looked after with it.</summary>
internal static class ReleaseRules
{
    /// <summary>Some count as lost because of the time that has passed.</summary>
    public static IEnumerable<RunAction> Expire(RunSituation at)
    {
        var (run, options) = (at.Run, at.Options);
        foreach (var replica in at.Census.Unlinked > 0 ? run.Roster.All : [])
        {
            if (!replica.IsLive || replica.IsLinked)
                continue;
            if (replica.Link is null && at.Now >= replica.HeardAt + options.LoadTimeout)
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
                new Lose(replica, $"lost its connection and did not come back within {lease.TotalSeconds:0.#} s"),
            LinkState.Awaited when replica.IsHostLost && at.Now >= at.Run.Takeover.Until + lease =>
                new Lose(replica, "did not come back after the coordinator was restarted", IsExcused: true),
            _ => null,
        };
    }

    /// <summary>Those that are lost are replaced.</summary>
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
            // Not where it went with its host: many may at once, and others start elsewhere.
            bool isStartupFailure = replica is
            {
                LinkState: LinkState.None,
                Standing: Standing.Lost { Cause: LossCause.Exited or LossCause.NotReady },
                Exit: not { Code: null },
            };
            string failure = isStartupFailure ? replica.ReplicaId : $"{run.RunId} {run.GenerationNumber}";
            if (replica.Exit is null)
                yield return new Kill(replica); // it may live beyond a cut network: its messages are ignored from now on
            yield return new Release(replica, replica.IsExcused ? null : failure, isStartupFailure);
        }
    }
}
