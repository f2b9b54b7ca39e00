using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

/// <summary>What the store holds of a run that another coordinator has led.</summary>
/// <param name="Replicas">Those that may run.</param>
/// <param name="Generation">The last one; null: none was announced.</param>
/// <param name="Reshared">Its changes of shares, in the order of the steps.</param>
/// <param name="Recorded">By replica: the number of its last record in that generation.</param>
/// <param name="Incident">The one that is not closed; null: there is none.</param>
internal sealed record RunHistory(
    IReadOnlyList<ReplicaRow> Replicas,
    GenerationRow? Generation,
    IReadOnlyList<ShareRow> Reshared,
    IReadOnlyDictionary<string, long> Recorded,
    IncidentRow? Incident
)
{
    /// <summary>Of a new run.</summary>
    public static RunHistory None { get; } = new([], null, [], new Dictionary<string, long>(), null);

    public static async Task<RunHistory> ReadAsync(CoordinatorDb db, RunRow run)
    {
        var replicas = await db
            .Replicas.AsNoTracking()
            .Where(replica => replica.RunId == run.RunId && replica.Released == null)
            .ToListAsync();
        var generation = await db
            .Generations.AsNoTracking()
            .SingleOrDefaultAsync(row => row.RunId == run.RunId && row.Number == run.Generation);
        var recorded = await db
            .Records.AsNoTracking()
            .Where(record => record.RunId == run.RunId && record.Generation == run.Generation && record.ReplicaId != "")
            .GroupBy(record => record.ReplicaId)
            .Select(sent => new { ReplicaId = sent.Key, Number = sent.Max(record => record.Number) })
            .ToDictionaryAsync(sent => sent.ReplicaId, sent => sent.Number);
        var reshared = await db
            .Shares.AsNoTracking()
            .Where(row => row.RunId == run.RunId && row.Generation == run.Generation)
            .OrderBy(row => row.FirstStep)
            .ToListAsync();
        var incident = await db
            .Incidents.AsNoTracking()
            .Where(row => row.RunId == run.RunId && row.Closed == null)
            .OrderByDescending(row => row.Number)
            .FirstOrDefaultAsync();
        return new RunHistory(replicas, generation, reshared, recorded, incident);
    }
}
