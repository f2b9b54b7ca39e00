using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Connections;

/// <summary>A listening socket. A connection that cannot be accepted is retried after a pause.</summary>
internal sealed partial class BoundedListener(Socket socket, ConnectionBudget budget, TimeProvider time, ILogger<BoundedListener> logger)
    : IConnectionListener
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource unbound = new(); // never disposed: an accept may still look at it
    private readonly LogGate lines = new(time);
    private readonly SocketConnectionContextFactory contexts = new(new SocketConnectionFactoryOptions(), logger);

    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    /// <returns>Null: no more will come.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, unbound.Token);
        while (true)
        {
            try
            {
                await budget.MakeRoomAsync(ends.Token);
                var accepted = await socket.AcceptAsync(ends.Token);
                accepted.NoDelay = true;
                var connection = contexts.Create(accepted);
                budget.Add(connection);
                return connection;
            }
            catch (Exception over)
                when (over is OperationCanceledException or SocketException or ObjectDisposedException && unbound.IsCancellationRequested)
            {
                return null;
            }
            catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
            {
                // It ended before it was accepted.
            }
            catch (SocketException failed)
            {
                if (lines.TryPass(out long before))
                    LogFailed($"{EndPoint}", failed.Message, LogGate.LeftOut(before));
                budget.EndOne(); // where it is files that are missing
                await Task.Delay(Pause, time, ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        unbound.Cancel();
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        unbound.Cancel();
        socket.Dispose();
        contexts.Dispose();
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "AcceptFailed",
        Message = "A connection to {EndPoint} could not be accepted "
            + "({Reason}); accepting is retried, and open connections stay{LeftOut}."
    )]
    private partial void LogFailed(string endPoint, string reason, string leftOut);
}
