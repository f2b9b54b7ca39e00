using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training.Logs;

/// <summary>Reports each damaged row once, by shard and row. Later ones are only counted: a log must not outgrow the data.</summary>
internal sealed class DamageReport(DatasetManifest manifest, Action<RunRecord> report)
{
    private const int MaxReported = 100;

    private readonly HashSet<SampleId> rows = [];
    private readonly Lock gate = new();

    /// <summary>May be called from any thread, and again for the same row: each epoch reads it.</summary>
    public void Add(DamagedRow row)
    {
        int count;
        lock (gate)
        {
            if (!rows.Add(row.Id))
                return;
            count = rows.Count;
        }
        if (count <= MaxReported)
            report(
                NoticeRecord.Of(
                    0,
                    $"Row {row.Id.Row} of {manifest.Shards[(int)row.Id.Shard].Path} is damaged ({row.Reason}); another row takes its place."
                )
            );
    }

    /// <summary>Reports their number, if there were any.</summary>
    public void Close(long step)
    {
        if (rows.Count > 0)
            report(
                NoticeRecord.Of(
                    step,
                    $"{rows.Count} damaged row{(rows.Count == 1 ? " was" : "s were")} found and "
                        + $"replaced{(rows.Count > MaxReported ? $"; the first {MaxReported} are listed in events.jsonl" : "")}."
                )
            );
    }
}
