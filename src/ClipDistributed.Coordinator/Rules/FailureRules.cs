using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>Members of a generation that the failure detector or the partition detector finds are evicted. Their processes are killed: they
/// may
/// be alive.</summary>
internal static class FailureRules
{
    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        if (at.Run.Generation is not { } generation)
            yield break;
        bool isAnyLost = false;
        foreach (var (member, evidence) in Failed(at, generation))
        {
            yield return new Lose(member, evidence);
            yield return new Kill(member);
            isAnyLost = true;
        }
        var min = at.Options.MinHangLimit;
        if (!isAnyLost && generation.Stuck is null && FailureDetector.FindStuck(generation, at.Now, min) is { } stuck)
            yield return new ReportStuck(stuck);
    }

    private static IEnumerable<(Replica Member, string Evidence)> Failed(RunSituation at, Generation generation)
    {
        var options = at.Options;
        return FailureDetector.Find(generation, at.Now, options.ReplicaLease, options.MinHangLimit, ReceivesFromOthers)
            .Concat(PartitionDetector.Find(generation));

        bool ReceivesFromOthers() => at.ReceivesFromOtherHosts(generation.Members.Select(member => member.Device.Host));
    }
}
