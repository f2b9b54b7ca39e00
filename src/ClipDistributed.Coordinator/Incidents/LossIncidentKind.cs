using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Members;

namespace ClipDistributed.Coordinator.Incidents;

/// <summary>What kind of incident the loss of replicas is.</summary>
internal static class LossIncidentKind
{
    /// <param name="lost">Members that are lost; none: the group broke without a loss.</param>
    public static IncidentKind Of(IReadOnlyList<Replica> lost) => lost switch
    {
        [] => IncidentKind.GroupBroken,
        // The partition detector left them out.
        _ when lost.All(member => member is { IsEvicted: true, Seat.Failure.Kind: FailureKind.Collective }) => IncidentKind.GroupBroken,
        _ when lost.Any(member => member.Seat.Failure is { Kind: FailureKind.Faulty }) => IncidentKind.ReplicaFaulty,
        _ when lost.Any(member => member.IsHostLost) => IncidentKind.HostLost,
        _ when lost.Any(member => member.IsEvicted) => IncidentKind.ReplicaHung,
        _ => IncidentKind.ReplicaLost,
    };
}
