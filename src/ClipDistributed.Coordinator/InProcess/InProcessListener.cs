using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace ClipDistributed.Coordinator.InProcess;

/// <summary>
/// Connections of this process to its own server, over two pipes each: callers pass the same gates as those that come from elsewhere, on
/// whatever addresses and with whatever certificates those are served. Thread-safe.
/// </summary>
internal sealed class InProcessListener : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private readonly Channel<ConnectionContext> opened = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint => InProcessEndPoint.Instance;

    public bool CanBind(EndPoint endpoint) => endpoint is InProcessEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(this);

    /// <returns>The client's end.</returns>
    /// <exception cref="IOException">The server has stopped.</exception>
    public Stream Connect()
    {
        var (up, down) = (new Pipe(), new Pipe());
        var connection = new DefaultConnectionContext(
            Guid.NewGuid().ToString("N"), new DuplexPipe(up.Reader, down.Writer), new DuplexPipe(down.Reader, up.Writer))
        {
            LocalEndPoint = EndPoint,
        };
        connection.Features.Set(new InProcessPort());
        if (!opened.Writer.TryWrite(connection))
            throw new IOException("this coordinator has stopped");
        return new DuplexStream(down.Reader.AsStream(), up.Writer.AsStream());
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await opened.Reader.WaitToReadAsync(cancellationToken) && opened.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        opened.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        opened.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
