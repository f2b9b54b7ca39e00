using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Incidents;

/// <summary>Incidents as people and programs see them.</summary>
internal static class IncidentMessages
{
    public static Incident ToMessage(IncidentRow row)
    {
        var incident = new Incident
        {
            Number = row.Number,
            Kind = row.Kind,
            Opened = row.Opened.ToTimestamp(),
            Closed = row.Closed?.ToTimestamp(),
            Generation = row.Generation,
            Evidence = row.Evidence,
            Action = row.Action,
            StepsRedone = row.StepsRedone,
            SamplesRepeated = row.SamplesRepeated,
        };
        if (row.SecondsLost is { } lost)
            incident.SecondsLost = lost;
        incident.ReplicaIds.AddRange(row.Replicas.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        incident.Hosts.AddRange(row.Hosts.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return incident;
    }
}
