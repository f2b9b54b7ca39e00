using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Connections;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The open calls of replicas: their messages go to the loop of their run.</summary>
internal sealed partial class ReplicaLinks(
    ReplicaTable replicas,
    RunStore store,
    CoordinatorOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ReplicaLinks> logger
)
{
    private readonly LogGate forgedLines = new(time);
    private readonly MessageCheck check = new(options.Limits);

    public async Task RunAsync(Call<ConnectRequest, ConnectResponse> call)
    {
        var replaced = new CancellationTokenSource(); // never disposed: a later call cancels it, however this one ended
        using var timeout = new CancellationTokenSource(options.HostTimeout, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(replaced.Token, timeout.Token, lifetime.ApplicationStopping);
        var first = await call.FirstAsync(over.Token);
        timeout.CancelAfter(Timeout.InfiniteTimeSpan); // later the failure detector of its run takes over
        if (first.Hello is not { } hello)
            throw new RequestRefusedException(
                StatusCode.InvalidArgument,
                $"The first message of a link is {first.MessageCase}; send a Hello."
            );
        ProtocolCheck.Run($"replica {hello.ReplicaId}", hello.ProtocolVersion, version: "");
        TermCheck.Run(hello.Term, store.Term); // first: another coordinator may have started it
        Check(hello.ReplicaId, hello.RunId, hello.Secret.Span, call.Peer);
        check.Run(hello);

        var link = new ReplicaLink(store.Term, replaced.Cancel);
        link.OnMessage(time.GetTimestamp());
        if (!replicas.Admit(new ReplicaEvent.Connected(hello.ReplicaId, link, hello)))
            throw HasReconnected(hello.ReplicaId, claimed: hello.ReplicaId); // late, or recorded and sent again
        call.Keep?.Invoke();
        try
        {
            await call.RunAsync(link.SendQueue, message =>
            {
                check.Run(message);
                link.OnMessage(time.GetTimestamp());
                if (message.SecretRenewed is { } renewed)
                {
                    Check(hello.ReplicaId, hello.RunId, renewed.Secret.Span, call.Peer); // from now on the one before does not count
                    return;
                }
                replicas.Post(hello.ReplicaId, new ReplicaEvent.MessageReceived(hello.ReplicaId, link, message));
            }, over.Token);
        }
        finally
        {
            replicas.Release(hello.ReplicaId, link);
        }
        if (replaced.IsCancellationRequested)
            throw HasReconnected(hello.ReplicaId);
    }

    /// <param name="peer">The caller's network address.</param>
    /// <exception cref="RequestRefusedException">There is no such replica, or the caller is not it.</exception>
    public void Check(string replicaId, string runId, ReadOnlySpan<byte> secret, string peer)
    {
        if (!replicas.Knows(replicaId, runId))
            throw RequestRefusedException.NotFound($"There is no replica {replicaId} of a run {runId} here; this process should end.");
        if (replicas.IsAuthentic(replicaId, secret))
            return;
        if (forgedLines.TryPass(out long before))
            LogForged(peer, replicaId, LogGate.LeftOut(before));
        throw new RequestRefusedException(
            StatusCode.PermissionDenied, $"The call has another secret than replica {replicaId}, or one that has expired; it is refused.")
        {
            Claimed = replicaId,
        };
    }

    private static RequestRefusedException HasReconnected(string replicaId, string? claimed = null) =>
        new(StatusCode.Aborted, $"Replica {replicaId} has reconnected since; this call is over.") { Claimed = claimed };

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaForged",
        Message = "A call from {Peer} claimed to be replica {ReplicaId} without its secret, or with one that has expired; it was refused, "
            + "and the replica is not affected{LeftOut}."
    )]
    private partial void LogForged(string peer, string replicaId, string leftOut);
}
