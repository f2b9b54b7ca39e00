using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Connections;

/// <summary>Listens as Kestrel's own transport does, and accepts no more connections than the process has room for.</summary>
internal sealed class BoundedListenerFactory(ConnectionBudget budget, TimeProvider time, ILoggerFactory logs) : IConnectionListenerFactory
{
    private const int Backlog = 512; // as Kestrel has it

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(taken.Message, taken);
        }
        socket.Listen(Backlog);
        return ValueTask.FromResult<IConnectionListener>(
            new BoundedListener(socket, budget, time, logs.CreateLogger<BoundedListener>()));
    }
}
