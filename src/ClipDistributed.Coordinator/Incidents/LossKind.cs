using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;

namespace ClipDistributed.Coordinator.Incidents;

/// <summary>What kind of incident the loss of replicas is.</summary>
internal static class LossKind
{
    /// <param name="lost">Members that count as lost; none: the group broke all the same.</param>
    public static IncidentKind Of(IReadOnlyList<Member> lost) => lost switch
    {
        [] => IncidentKind.GroupBroken,
        _ when lost.All(member => member is { IsEvicted: true, Failure.Kind: FailureKind.Collective }) => IncidentKind.GroupBroken, // they were left out
        _ when lost.Any(member => member.Failure is { Kind: FailureKind.Faulty }) => IncidentKind.ReplicaFaulty,
        _ when lost.Any(member => member.HostAway) => IncidentKind.HostLost,
        _ when lost.Any(member => member.IsEvicted) => IncidentKind.ReplicaHung,
        _ => IncidentKind.ReplicaLost,
    };
}
