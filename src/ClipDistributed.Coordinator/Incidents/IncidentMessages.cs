using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Incidents;

/// <summary>Incidents as watchers receive them.</summary>
internal static class IncidentMessages
{
    /// <summary>As a line of the run's directory.</summary>
    /// <param name="useful">Seconds of the run in new steps, up to now.</param>
    /// <param name="wall">Seconds of the run up to now.</param>
    public static RunRecord ToRecord(IncidentRow row, double useful, double wall)
    {
        var incident = new IncidentRecorded
        {
            Number = row.Number,
            What = IncidentNames.Of(row.Kind),
            Opened = row.Opened.ToTimestamp(),
            Closed = row.Closed?.ToTimestamp(),
            Evidence = row.Evidence,
            Action = row.Action,
            Hosts = { row.Hosts.Split('\n', StringSplitOptions.RemoveEmptyEntries) },
            StepsRecomputed = row.StepsRecomputed,
            UsefulSeconds = useful,
            WallSeconds = wall,
        };
        if (row.SecondsLost is { } lost)
            incident.SecondsLost = lost;
        return new RunRecord { Incident = incident };
    }

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
            StepsRecomputed = row.StepsRecomputed,
            SamplesRepeated = row.SamplesRepeated,
        };
        if (row.SecondsLost is { } lost)
            incident.SecondsLost = lost;
        incident.ReplicaIds.AddRange(row.Replicas.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        incident.Hosts.AddRange(row.Hosts.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return incident;
    }
}
