using System.Collections.Concurrent;
using System.Threading.Channels;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>Those that read lines as they come. Thread-safe.</summary>
internal sealed class LogFollowers
{
    /// <summary>A follower that has so many lines before it is too slow.</summary>
    private const int MaxWaiting = 10_000;

    private readonly ConcurrentDictionary<Follower, bool> all = new();

    public Follower Add(string runId)
    {
        var follower = new Follower(runId, this);
        all[follower] = true;
        return follower;
    }

    public void Publish(string runId, LogEntry entry)
    {
        foreach (var follower in all.Keys.Where(follower => follower.RunId == runId))
            follower.Take(entry);
    }

    /// <summary>Reads the lines of a run until it is disposed.</summary>
    internal sealed class Follower(string runId, LogFollowers followers) : IDisposable
    {
        private readonly Channel<LogEntry> waiting = Channel.CreateBounded<LogEntry>(MaxWaiting);

        public string RunId { get; } = runId;

        /// <summary>Ends after the last line that it could take.</summary>
        public ChannelReader<LogEntry> Lines => waiting.Reader;

        /// <summary>Lines came faster than it read.</summary>
        public bool FellBehind { get; private set; }

        public void Take(LogEntry entry)
        {
            if (waiting.Writer.TryWrite(entry) || waiting.Reader.Completion.IsCompleted)
                return;
            FellBehind = true;
            waiting.Writer.TryComplete();
        }

        /// <summary>No more lines will come.</summary>
        public void Complete() => waiting.Writer.TryComplete();

        public void Dispose()
        {
            followers.all.TryRemove(this, out _);
            waiting.Writer.TryComplete();
        }
    }
}
