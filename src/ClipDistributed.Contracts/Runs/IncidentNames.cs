using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Contracts.Runs;

/// <summary>Kinds of incidents as people read them.</summary>
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
        IncidentKind.StoreAway => "store away",
        _ => "of another kind", // a newer coordinator knows more
    };
}
