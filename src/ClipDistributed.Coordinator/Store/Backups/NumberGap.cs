using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store.Backups;

/// <summary>
/// Numbers that were given out after a backup are not known to who restores it, and hosts, replicas and run directories hold on to
/// the highest that they have seen: terms, generations, replicas and records go on beyond all that can have been given out since. A
/// later restore of the same backup leaves a wider gap.
/// </summary>
/// <param name="taken">When the backup was taken, UTC.</param>
/// <param name="now">UTC.</param>
internal sealed class NumberGap(DateTime taken, DateTime now)
{
    /// <summary>Of terms, and of generations of one run: no coordinator is restarted, and no run regrouped, as often as that.</summary>
    public const long PerSecond = 100;

    /// <summary>The clock of another machine may be that far behind, seconds.</summary>
    public const long ClockError = 600;

    /// <summary>Of a term, generation or sequence number: far beyond all that are given out, and far from where adding overflows.</summary>
    public const long Max = 1L << 53;

    // Replicas are distinguished by their secrets too; records only lead watchers to where they were.
    private const long ReplicasPerSecond = 1, RecordsPerSecond = 10_000;

    private readonly long seconds = ClockError + (long)Math.Ceiling((now - taken).TotalSeconds);

    /// <param name="atLeast">A term that is known to have been given out.</param>
    /// <returns>The runs that go on.</returns>
    public async Task<IReadOnlyList<string>> LeaveAsync(CoordinatorDb db, long atLeast, CancellationToken cancel)
    {
        var leader = await db.Coordinator.SingleAsync(cancel);
        leader.Term = Math.Max(leader.Term, atLeast) + seconds * PerSecond;
        (leader.Holder, leader.Address, leader.Renewed) = ("", "", null);
        leader.Heartbeats++;
        var runs = await db.Runs.Where(run => run.Deleted == null && !EndedStates.All.Contains(run.State)).ToListAsync(cancel);
        foreach (var run in runs)
        {
            run.Generation += seconds * PerSecond;
            run.Launched = (int)Math.Min(int.MaxValue / 2, run.Launched + seconds * ReplicasPerSecond);
            long last = await db.Records.Where(record => record.RunId == run.RunId).MaxAsync(record => (long?)record.Sequence, cancel) ?? 0;
            db.Records.Add(Notice(run, last + seconds * RecordsPerSecond));
        }
        // Whether they still run is not known, nor what they have done since: hosts kill them when they connect.
        await db.Replicas.Where(replica => replica.Released == null).ExecuteUpdateAsync(
            row => row.SetProperty(one => one.Released, now).SetProperty(one => one.Evidence, "ran before the store was restored"), cancel);
        await db.SaveChangesAsync(cancel);
        return [.. runs.Select(run => run.RunId)];
    }

    private RecordRow Notice(RunRow run, long sequence) => new()
    {
        RunId = run.RunId,
        Sequence = sequence,
        Time = now,
        Record = NoticeRecord.Of(run.Step, $"The coordinator's store was restored from a backup of {taken:yyyy-MM-dd HH:mm:ss} UTC: what "
            + "it had recorded since is not known here. The run goes on from its newest checkpoint; metrics.jsonl of its directory has "
            + "the steps between.").ToByteArray(),
    };
}
