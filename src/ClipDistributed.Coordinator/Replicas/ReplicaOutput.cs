using System.Threading.Channels;
using static ClipDistributed.Contracts.Control.V1.LogEntry.Types;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>
/// Lines that replica processes printed, from the calls of their hosts to the files of their runs. Nothing waits for the files: where
/// lines come faster than the disk takes them, some are dropped and counted. Thread-safe.
/// </summary>
internal sealed class ReplicaOutput(TimeProvider time)
{
    private const int MaxWaiting = 10_000;

    private readonly Channel<Line> lines = Channel.CreateBounded<Line>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private long dropped;

    public ChannelReader<Line> Lines => lines.Reader;

    /// <param name="level">Null: what the line itself shows.</param>
    public void Add(string host, string replicaId, string text, Level? level = null)
    {
        if (!lines.Writer.TryWrite(new Line(host, replicaId, time.GetUtcNow(), text, level)))
            Interlocked.Increment(ref dropped);
    }

    /// <summary>How many were dropped since this was last asked.</summary>
    public long TakeDropped() => Interlocked.Exchange(ref dropped, 0);

    /// <summary>Completes when all that was added before has been taken and dealt with.</summary>
    public async Task PassedAsync(CancellationToken cancel)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await lines.Writer.WriteAsync(new Line("", "", default, "", null, passed), cancel);
        await passed.Task.WaitAsync(cancel);
    }

    /// <param name="Passed">Not a line: set when it has its turn; null: a line.</param>
    internal sealed record Line(
        string Host, string ReplicaId, DateTimeOffset Time, string Text, Level? Level, TaskCompletionSource? Passed = null);
}
