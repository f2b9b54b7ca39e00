using ClipDistributed.Coordinator.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Connections;

/// <summary>
/// The open connections, of which there are never more than the process has room for: when one more is opened, the one that has
/// been idle longest is closed, else the oldest that belongs to no host and no replica. A client that opens hundreds of idle ones locks
/// no host out. Thread-safe.
/// </summary>
internal sealed partial class ConnectionBudget(CoordinatorOptions options, TimeProvider time, ILogger<ConnectionBudget> logger)
{
    private readonly int max = options.Limits.Connections ?? OpenFileLimit.Connections;
    private readonly LogGate fullLines = new(time);
    private readonly LogGate endedLines = new(time);
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = []; // under the gate
    private TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously); // the next one; under the gate
    private long order; // under the gate

    private enum Use
    {
        Idle,
        Called,
        Kept,
    }

    /// <summary>Returns when there is room for one connection more.</summary>
    public async ValueTask MakeRoomAsync(CancellationToken cancel)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (entries.Count < max)
                    return;
                next = closed.Task;
            }
            EndOne();
            await next.WaitAsync(cancel);
        }
    }

    /// <summary>Closes the connection that is needed least.</summary>
    public void EndOne()
    {
        Entry? least;
        lock (gate)
        {
            least = entries.Values.Where(entry => entry.Use < Use.Kept && !entry.IsEnding).MinBy(entry => (entry.Use, entry.Order));
            if (least is not null)
                least.IsEnding = true;
        }
        if (least is null)
        {
            if (fullLines.TryPass(out _))
                LogFull(max);
            return;
        }
        least.Connection.Abort(new ConnectionAbortedException("Another connection needs the place of this one."));
        if (endedLines.TryPass(out long before))
            LogEnded(max, $"{least.Connection.RemoteEndPoint}", LogGate.LeftOut(before));
    }

    public void Add(ConnectionContext connection)
    {
        lock (gate)
            entries[connection.ConnectionId] = new Entry(connection, ++order);
        connection.ConnectionClosed.Register(() => Remove(connection.ConnectionId));
    }

    /// <summary>A call begins on a connection.</summary>
    public OpenCall Call(string connectionId)
    {
        lock (gate)
        {
            if (entries.TryGetValue(connectionId, out var entry))
                entry.Calls++;
        }
        return new OpenCall(this, connectionId);
    }

    internal void CallEnded(string connectionId)
    {
        lock (gate)
        {
            if (entries.TryGetValue(connectionId, out var entry) && --entry.Calls == 0)
                (entry.IsKept, entry.Order) = (false, ++order); // idle from now on
        }
    }

    internal void Keep(string connectionId)
    {
        lock (gate)
        {
            if (entries.TryGetValue(connectionId, out var entry))
                entry.IsKept = true;
        }
    }

    private void Remove(string connectionId)
    {
        TaskCompletionSource room;
        lock (gate)
        {
            entries.Remove(connectionId);
            (room, closed) = (closed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        room.SetResult();
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ConnectionEnded", Message = "All {Max} connections that this process has room "
        + "for were open: the least used one, of {Peer}, was closed. A higher limit of open files (ulimit -n) leaves room for "
        + "more{LeftOut}.")]
    private partial void LogEnded(int max, string peer, string leftOut);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "ConnectionsFull",
        Message = "Hosts and replicas use all {Max} connections that "
            + "this process has room for; others wait until one is closed. A higher limit of open files (ulimit -n) leaves room for more."
    )]
    private partial void LogFull(int max);

    private sealed class Entry(ConnectionContext connection, long order)
    {
        public ConnectionContext Connection { get; } = connection;

        /// <summary>The lower, the longer it has been open or idle.</summary>
        public long Order { get; set; } = order;

        public int Calls { get; set; }

        public bool IsKept { get; set; }

        public bool IsEnding { get; set; }

        public Use Use => Calls == 0 ? Use.Idle : IsKept ? Use.Kept : Use.Called;
    }
}
