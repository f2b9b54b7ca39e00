using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Contracts.Runs;

/// <summary>Kinds of incidents, human-readable.</summary>
public static class IncidentNames
{
    public static string Of(IncidentKind kind) => kind switch
    {
        IncidentKind.ReplicaFaulty => "replica faulty",
        IncidentKind.HostLost => "host lost",
        IncidentKind.ReplicaHung => "replica hung",
        IncidentKind.ReplicaLost => "replica lost",
        IncidentKind.GroupBroken => "group broken",
        IncidentKind.HostDrained => "host drained",
        IncidentKind.ReplicaJoined => "replica joined",
        IncidentKind.Coordinator => "coordinator",
        IncidentKind.RunScaled => "run scaled",
        IncidentKind.StoreUnavailable => "store unavailable",
        _ => "of another kind", // a newer coordinator knows more
    };
}
