using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>What the store holds of a run.</summary>
/// <param name="LastRecord">The sequence number of its last record; 0: none.</param>
/// <param name="Incidents">In the order of their numbers.</param>
internal sealed record StoredRun(RunRow Row, long LastRecord, IReadOnlyList<IncidentRow> Incidents)
{
    public static StoredRun New(RunRow row) => new(row, LastRecord: 0, []);
}
