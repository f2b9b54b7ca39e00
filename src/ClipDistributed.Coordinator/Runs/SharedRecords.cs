using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The newest records of a run, once in memory for all that watch it. Thread-safe.</summary>
/// <param name="max">Records at most.</param>
/// <param name="before">The sequence number of the last record that is not among them.</param>
internal sealed class SharedRecords(int max, long before)
{
    private const long MaxBytes = 16 << 20;

    private readonly Lock gate = new();
    private readonly Queue<RunRecord> records = new(); // under the gate, as all below
    private long last = before;
    private long bytes;

    /// <summary>Adds what follows.</summary>
    public void Add(RunRecord record)
    {
        lock (gate)
        {
            records.Enqueue(record);
            last = record.Sequence;
            bytes += record.CalculateSize();
            while (records.Count > max || bytes > MaxBytes)
                bytes -= records.Dequeue().CalculateSize();
        }
    }

    /// <summary>The newest sequence number; 0: there are no records.</summary>
    public long Last
    {
        get
        {
            lock (gate)
                return last;
        }
    }

    /// <summary>The run has ended: few will watch it, and the store has them all.</summary>
    public void Clear()
    {
        lock (gate)
        {
            records.Clear();
            bytes = 0;
        }
    }

    /// <summary>All records after a sequence number; null: the oldest of them are in the store alone.</summary>
    public IReadOnlyList<RunRecord>? After(long sequence)
    {
        lock (gate)
        {
            int wanted = (int)Math.Clamp(last - sequence, 0, int.MaxValue);
            return wanted <= records.Count ? [.. records.Skip(records.Count - wanted)] : null;
        }
    }
}
