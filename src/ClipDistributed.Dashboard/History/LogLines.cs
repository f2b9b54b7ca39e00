using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.History;

/// <summary>The newest lines of what is read, so many at most. Thread-safe.</summary>
internal sealed class LogLines
{
    /// <summary>More do not reach a browser.</summary>
    public const int Max = 2_000;

    private readonly Lock gate = new();
    private readonly Queue<LogEntry> lines = [];

    /// <summary>Grows with each line.</summary>
    public long Version { get; private set; }

    /// <summary>Older ones were left out to stay within the bound.</summary>
    public bool IsCut { get; private set; }

    public IReadOnlyList<LogEntry> All
    {
        get
        {
            lock (gate)
                return [.. lines];
        }
    }

    public void Add(LogEntry line)
    {
        lock (gate)
        {
            lines.Enqueue(line);
            Version++;
            if (lines.Count <= Max)
                return;
            lines.Dequeue();
            IsCut = true;
        }
    }
}
