using System.Collections.Concurrent;
using System.Threading.Channels;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Streams;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Replica.Joined;

/// <summary>
/// One call to the coordinator that stays open, and is reopened, with no limit of tries, when it breaks; training goes on
/// meanwhile. Responses take effect as they arrive, on the reading thread, so that an abort reaches a training thread that is
/// blocked; requests wait in a queue.
/// </summary>
internal sealed class CoordinatorLink : IDisposable
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));
    // a standby may take over any moment
    private static readonly Backoff PauseWithStandby = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));

    private readonly JoinRequest request;
    private readonly CoordinatorAddresses coordinators;
    private readonly StreamOrder order;
    private readonly Func<long> appliedStep;
    private readonly BlockingCollection<Membership> memberships = [];
    private readonly CancellationTokenSource over = new();
    private readonly Lock gate = new();
    private readonly LinkSession session; // under the gate, as the queue
    private Channel<ConnectRequest>? outgoing; // null: no call is open
    private Membership? current;

    private CoordinatorLink(JoinRequest request, string dataAddress, StreamOrder order, Func<long> appliedStep)
    {
        (this.request, this.order, this.appliedStep) = (request, order, appliedStep);
        coordinators = new CoordinatorAddresses(request.Coordinator, "coordinator");
        session = new LinkSession(Protocol.Version, request.RunId, request.ReplicaId, ByteString.FromBase64(request.Secret), dataAddress);
    }

    /// <param name="dataAddress">Where this replica answers on the network of the collectives.</param>
    /// <param name="order">Of the run's samples.</param>
    /// <param name="appliedStep">The last applied step; -1: no state yet.</param>
    public static CoordinatorLink Open(JoinRequest request, string dataAddress, StreamOrder order, Func<long> appliedStep)
    {
        var link = new CoordinatorLink(request, dataAddress, order, appliedStep);
        link.Serving = link.ServeAsync();
        return link;
    }

    /// <summary>Ends when the coordinator has released this replica; fails with an <see cref="RpcException"/> when it refuses it.</summary>
    public Task Serving { get; private set; } = Task.CompletedTask;

    /// <summary>The generations that this replica is a member of, one after the other; ends with <see cref="Serving"/>.</summary>
    public IEnumerable<Membership> Memberships() => memberships.GetConsumingEnumerable();

    /// <summary>May be called from any thread, and never blocks.</summary>
    public void Send(ConnectRequest message)
    {
        lock (gate)
        {
            session.OnSending(message);
            outgoing?.Writer.TryWrite(message);
        }
    }

    /// <summary>Sends what is queued, then closes.</summary>
    public void Dispose()
    {
        lock (gate)
            outgoing?.Writer.TryComplete();
        over.CancelAfter(PingEvery);
        Serving.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        over.Dispose();
        memberships.Dispose();
    }

    private ByteString Secret()
    {
        lock (gate)
            return session.Secret;
    }

    private async Task ServeAsync()
    {
        try
        {
            var pause = coordinators.All.Count > 1 ? PauseWithStandby : Pause;
            for (int failures = 0; !over.IsCancellationRequested;)
            {
                var (isReleased, hasResponded) = await CallAsync(coordinators.Current);
                if (isReleased)
                    return;
                if (hasResponded)
                {
                    failures = 0;
                    coordinators.Served();
                }
                if (coordinators.Turn())
                    await Task.Delay(pause.After(++failures, Random.Shared.NextDouble()), over.Token)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            current?.End("the coordinator released this replica");
            memberships.CompleteAdding();
        }
    }

    /// <summary>One call, from the hello to its end.</summary>
    private async Task<(bool IsReleased, bool HasResponded)> CallAsync(string coordinator)
    {
        // A channel of its own for each try: a channel that failed once makes its next calls wait.
        using var channel = CoordinatorChannel.Open(coordinator, PingEvery, request.Tls);
        using var call = new ReplicaService.ReplicaServiceClient(channel).Connect(cancellationToken: over.Token);
        var writing = WriteAsync(call.RequestStream, OpenQueue());
        bool hasResponded = false;
        try
        {
            await foreach (var response in call.ResponseStream.ReadAllAsync())
            {
                hasResponded = true;
                ResponseEffect effect;
                lock (gate)
                    effect = session.OnResponse(response);
                if (effect == ResponseEffect.Superseded)
                    break;
                if (effect == ResponseEffect.Obey && response.MessageCase == ConnectResponse.MessageOneofCase.Leave)
                    return (true, hasResponded);
                if (effect == ResponseEffect.Obey)
                    Apply(response, coordinator);
            }
        }
        catch (RpcException broken)
            when (broken.StatusCode
                    is not (
                        StatusCode.NotFound
                        or StatusCode.FailedPrecondition
                        or StatusCode.PermissionDenied
                        or StatusCode.InvalidArgument
                    )
            )
        {
            // The coordinator or the network is unavailable; the next call sends what this one did not.
        }
        finally
        {
            lock (gate)
            {
                outgoing!.Writer.TryComplete();
                outgoing = null;
            }
            await writing;
        }
        return (false, hasResponded);
    }

    /// <returns>The queue of a new call, which begins with what must be sent first.</returns>
    private ChannelReader<ConnectRequest> OpenQueue()
    {
        lock (gate)
        {
            outgoing = Channel.CreateUnbounded<ConnectRequest>(new UnboundedChannelOptions { SingleReader = true });
            foreach (var message in session.Connect(appliedStep(), Environment.WorkingSet))
                outgoing.Writer.TryWrite(message);
            return outgoing.Reader;
        }
    }

    private static async Task WriteAsync(IClientStreamWriter<ConnectRequest> stream, ChannelReader<ConnectRequest> queue)
    {
        try
        {
            await foreach (var message in queue.ReadAllAsync())
                await stream.WriteAsync(message);
            await stream.CompleteAsync();
        }
        catch (Exception broken) when (broken is RpcException or InvalidOperationException or OperationCanceledException or IOException)
        {
            // The reading side ends with the reason.
        }
    }

    private void Apply(ConnectResponse response, string coordinator)
    {
        switch (response.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.StartGeneration:
                current?.End("a new generation begins");
                long number = response.StartGeneration.Generation;
                memberships.Add(
                    current = new Membership(
                        response.StartGeneration,
                        () => new LinkRendezvous(CoordinatorChannel.Open(coordinator, PingEvery, request.Tls), request, Secret, number),
                        order
                    )
                );
                break;
            case ConnectResponse.MessageOneofCase.RenewSecret:
                Send(new ConnectRequest { SecretRenewed = new SecretRenewed { Secret = response.RenewSecret.Secret } });
                break;
            case ConnectResponse.MessageOneofCase.Assignment:
                current?.Assign(response.Assignment);
                break;
            case ConnectResponse.MessageOneofCase.Command:
                current?.Commands.Add(response.Command.Number, response.Command.Kind);
                break;
            case ConnectResponse.MessageOneofCase.EndGeneration:
                current?.End(response.EndGeneration.Reason);
                break;
        }
    }
}
