using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The open calls of replicas: what they say goes to the loop of their run.</summary>
internal sealed class ReplicaLinks(ReplicaTable replicas, IHostApplicationLifetime lifetime)
{
    public async Task RunAsync(Call<ConnectRequest, ConnectResponse> call)
    {
        var over = lifetime.ApplicationStopping;
        var first = await call.FirstAsync(over);
        if (first.Hello is not { } hello)
            throw new RequestRefusedException(StatusCode.InvalidArgument, $"The first message of a link is {first.MessageCase}; send a Hello.");
        ProtocolCheck.Run($"replica {hello.ReplicaId}", hello.ProtocolVersion, version: "");
        if (!replicas.Knows(hello.ReplicaId, hello.RunId))
            throw RequestRefusedException.NotFound($"There is no replica {hello.ReplicaId} of a run {hello.RunId} here; this process should end.");
        if (replicas.HadLink(hello.ReplicaId))
            throw RequestRefusedException.WrongState($"Replica {hello.ReplicaId} has been connected before; a broken link ends its generation, so this process should end.");

        var link = new ReplicaLink();
        replicas.Post(hello.ReplicaId, new RunInput.ReplicaGreeted(hello.ReplicaId, link, hello));
        try
        {
            await call.RunAsync(link.Outbox, said => replicas.Post(hello.ReplicaId, new RunInput.ReplicaSaid(hello.ReplicaId, said)), over);
        }
        finally
        {
            replicas.Post(hello.ReplicaId, new RunInput.LinkLost(hello.ReplicaId));
        }
    }
}
