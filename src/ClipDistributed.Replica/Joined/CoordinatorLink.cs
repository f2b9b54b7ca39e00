using System.Collections.Concurrent;
using System.Threading.Channels;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Streams;
using Grpc.Core;
using Grpc.Net.Client;
using Generation = ClipDistributed.Contracts.Replica.V1.Generation;

namespace ClipDistributed.Replica.Joined;

/// <summary>
/// The link: one call to the coordinator that stays open. What comes down takes effect as it comes, on the reading thread,
/// so that an abort reaches a training thread that is blocked; what goes up waits in a queue.
/// </summary>
internal sealed class CoordinatorLink : IDisposable
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);

    private readonly JoinRequest request;
    private readonly StreamOrder order;
    private readonly GrpcChannel channel;
    private readonly ReplicaService.ReplicaServiceClient client;
    private readonly AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call;
    private readonly Channel<ConnectRequest> outgoing = Channel.CreateUnbounded<ConnectRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly BlockingCollection<Membership> memberships = [];
    private readonly Task writing;
    private Membership? current;

    /// <param name="order">Of the run's samples.</param>
    /// <param name="hello">Is said first.</param>
    public CoordinatorLink(JoinRequest request, StreamOrder order, Hello hello)
    {
        (this.request, this.order) = (request, order);
        channel = GrpcChannel.ForAddress(request.Coordinator, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { KeepAlivePingDelay = PingEvery, KeepAlivePingTimeout = PingEvery, EnableMultipleHttp2Connections = true },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null, // assignments list spans
        });
        client = new ReplicaService.ReplicaServiceClient(channel);
        call = client.Connect();
        outgoing.Writer.TryWrite(new ConnectRequest { Hello = hello });
        writing = WriteAsync();
        Reading = ReadAsync();
    }

    /// <summary>Ends when the coordinator has said goodbye; fails with an <see cref="RpcException"/> when the link breaks.</summary>
    public Task Reading { get; }

    /// <summary>The generations that this replica is a member of, one after the other; ends with the link.</summary>
    public IEnumerable<Membership> Memberships() => memberships.GetConsumingEnumerable();

    /// <summary>May be called from any thread, and never blocks.</summary>
    public void Send(ConnectRequest message) => outgoing.Writer.TryWrite(message);

    /// <summary>Sends what is queued, then closes.</summary>
    public void Dispose()
    {
        outgoing.Writer.TryComplete();
        writing.Wait(PingEvery);
        call.Dispose();
        channel.Dispose();
        memberships.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync())
                await call.RequestStream.WriteAsync(message);
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception broken) when (broken is RpcException or InvalidOperationException)
        {
            // The reading side ends with the reason.
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var message in call.ResponseStream.ReadAllAsync())
            {
                if (message.MessageCase == ConnectResponse.MessageOneofCase.Leave)
                    return;
                Take(message);
            }
        }
        finally
        {
            current?.End("the coordinator let this replica go, or the link to it broke");
            memberships.CompleteAdding();
        }
    }

    private void Take(ConnectResponse message)
    {
        switch (message.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.Generation:
                current?.End("a new generation begins");
                memberships.Add(current = new Membership(message.Generation, new LinkRendezvous(client, request.RunId, message.Generation.Generation_), order));
                break;
            case ConnectResponse.MessageOneofCase.Assignment when message.Assignment.Generation == current?.Number:
                current.Assign(message.Assignment);
                break;
            case ConnectResponse.MessageOneofCase.Command when message.Command.Generation == current?.Number:
                current.Commands.Add(message.Command.Number, message.Command.Kind);
                break;
            case ConnectResponse.MessageOneofCase.EndGeneration when message.EndGeneration.Generation == current?.Number:
                current.End(message.EndGeneration.Reason);
                break;
        }
    }
}
