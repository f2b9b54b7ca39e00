using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Incidents;

/// <summary>Incidents as watchers receive them.</summary>
internal static class IncidentMessages
{
    /// <summary>As a line of the run's directory.</summary>
    /// <param name="useful">Seconds of the run in steps that count, up to now.</param>
    /// <param name="wall">Seconds of the run up to now.</param>
    public static IncidentRecorded ToRecord(IncidentRow row, double useful, double wall) =>
        new(row.Number, IncidentNames.Of(row.Kind), Utc(row.Opened), row.Closed is { } closed ? Utc(closed) : null,
        row.Evidence, row.Action,
        row.Hosts.Split('\n', StringSplitOptions.RemoveEmptyEntries), row.SecondsLost, row.StepsRecomputed, useful, wall);

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

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
