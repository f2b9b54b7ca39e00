using System.Collections.Concurrent;
using System.Threading.Channels;
using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.WorkerHost.Connections;

/// <summary>
/// The reports for the coordinator, kept while it cannot be reached. Exits are never lost; a bounded number of log lines is queued, and
/// later ones are dropped: this host's log has them.
/// </summary>
internal sealed class ReportQueue
{
    private const int MaxLines = 1000;

    private readonly Channel<ConnectRequest> waiting = Channel.CreateUnbounded<ConnectRequest>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly ConcurrentDictionary<string, bool> unsentExits = [];
    private int lines;

    /// <summary>Replicas whose exits are still queued.</summary>
    public IEnumerable<string> UnsentExits => unsentExits.Keys;

    /// <summary>May be called from any thread.</summary>
    public void Add(ReplicaExited exited)
    {
        unsentExits[exited.ReplicaId] = true;
        waiting.Writer.TryWrite(new ConnectRequest { ReplicaExited = exited });
    }

    /// <summary>May be called from any thread.</summary>
    public void Add(LogLine line)
    {
        if (Interlocked.Increment(ref lines) > MaxLines)
            Interlocked.Decrement(ref lines);
        else
            waiting.Writer.TryWrite(new ConnectRequest { LogLine = line });
    }

    /// <summary>May be called from any thread.</summary>
    public void Add(Drain drain) => waiting.Writer.TryWrite(new ConnectRequest { Drain = drain });

    /// <summary>May be called from any thread.</summary>
    public void Add(ModelAnswer answer) => waiting.Writer.TryWrite(new ConnectRequest { ModelAnswer = answer });

    /// <summary>Nothing more will be added.</summary>
    public void Complete() => waiting.Writer.TryComplete();

    /// <returns>False: all has been sent and nothing more will come.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancel) => waiting.Reader.WaitToReadAsync(cancel);

    /// <summary>Sends all that is queued with <paramref name="send"/>; what could not be sent stays for the next connection.</summary>
    public async Task SendAsync(Func<ConnectRequest, Task> send)
    {
        while (waiting.Reader.TryPeek(out var message))
        {
            await send(message);
            waiting.Reader.TryRead(out _);
            if (message.ReplicaExited is { } exited)
                unsentExits.TryRemove(exited.ReplicaId, out _);
            else if (message.LogLine is not null)
                Interlocked.Decrement(ref lines);
        }
    }
}
