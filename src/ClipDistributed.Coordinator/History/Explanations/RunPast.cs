using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>What the store has of a run that explains it.</summary>
internal sealed class RunPast(RunStore store)
{
    /// <summary>Of its coordinator's newest records: older requests explain nothing now.</summary>
    private const int MaxRecords = 200;

    /// <returns>Its newest generation, null where none was announced, and that one's changes of shares in the order of the
    /// steps.</returns>
    public async Task<(GenerationRow? Generation, IReadOnlyList<ShareRow> Reshared)> NewestAsync(string runId, CancellationToken cancel)
    {
        await using var db = store.Read();
        var generation = await db.Generations.AsNoTracking().Where(row => row.RunId == runId)
            .OrderByDescending(row => row.Number).FirstOrDefaultAsync(cancel);
        if (generation is null)
            return (null, []);
        return (generation, await db.Shares.AsNoTracking()
            .Where(row => row.RunId == runId && row.Generation == generation.Number).OrderBy(row => row.FirstStep).ToListAsync(cancel));
    }

    /// <returns>What users have asked of it, the newest last.</returns>
    public async Task<IReadOnlyList<RunRecord>> RequestsAsync(string runId, CancellationToken cancel)
    {
        await using var db = store.Read();
        var rows = await db.Records.AsNoTracking().Where(row => row.RunId == runId && row.ReplicaId == "")
            .OrderByDescending(row => row.Sequence).Take(MaxRecords).ToListAsync(cancel);
        return [.. rows.Select(RunMessages.ToMessage).Where(record => record.Request is not null).Reverse()];
    }
}
