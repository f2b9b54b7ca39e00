using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Members;

namespace ClipDistributed.Coordinator.Incidents;

/// <summary>What kind of incident the loss of replicas is.</summary>
internal static class LossKind
{
    /// <param name="lost">Members that count as lost; none: the group broke all the same.</param>
    public static IncidentKind Of(IReadOnlyList<Replica> lost) => lost switch
    {
        [] => IncidentKind.GroupBroken,
        // They were left out.
        _ when lost.All(member => member is { IsEvicted: true, Seat.Failure.Kind: FailureKind.Collective }) => IncidentKind.GroupBroken,
        _ when lost.Any(member => member.Seat.Failure is { Kind: FailureKind.Faulty }) => IncidentKind.ReplicaFaulty,
        _ when lost.Any(member => member.IsHostLost) => IncidentKind.HostLost,
        _ when lost.Any(member => member.IsEvicted) => IncidentKind.ReplicaHung,
        _ => IncidentKind.ReplicaLost,
    };
}
