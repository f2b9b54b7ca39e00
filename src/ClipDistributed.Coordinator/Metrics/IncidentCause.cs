using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Coordinator.Metrics;

/// <summary>Kinds of incidents as labels.</summary>
internal static class IncidentCause
{
    private static readonly EnumDescriptor Kinds = RunReflection.Descriptor.FindTypeByName<EnumDescriptor>(nameof(IncidentKind));

    /// <summary>As in <c>replica_lost</c>: the name in the proto without its prefix.</summary>
    public static string Of(IncidentKind kind) =>
        Kinds.FindValueByNumber((int)kind).Name["INCIDENT_KIND_".Length..].ToLowerInvariant();

    /// <summary>Something failed; joining, leaving and scaling cost time too, but are meant to be.</summary>
    public static bool IsFailure(IncidentKind kind) =>
        kind is not (IncidentKind.HostDrained or IncidentKind.ReplicaJoined or IncidentKind.RunScaled);
}
