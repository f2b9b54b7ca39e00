using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;

namespace ClipDistributed.Dashboard.History;

/// <summary>The records of a run that are no steps: all that there are, then those that come. Thread-safe.</summary>
internal sealed class RunEvents(ControlCalls calls, string runId, TimeProvider time)
{
    /// <summary>Of a run that evaluates and saves often, the newest.</summary>
    public const int MaxRecords = 5_000;

    private readonly Lock gate = new();
    private readonly Queue<RunRecord> records = [];

    /// <summary>Grows with each record.</summary>
    public long Last { get; private set; }

    public IReadOnlyList<RunRecord> All
    {
        get
        {
            lock (gate)
                return [.. records];
        }
    }

    /// <param name="changed">Is called on any thread after each record.</param>
    public Task RunAsync(Action changed, CancellationToken cancel) => new RunWatch(calls, runId, time) { IsHistory = true }.RunAsync(
        record =>
        {
            if (record is null)
                return;
            lock (gate)
            {
                records.Enqueue(record);
                if (records.Count > MaxRecords)
                    records.Dequeue();
                Last = record.Sequence;
            }
            changed();
        },
        cancel);
}
