using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The open calls of replicas: what they say goes to the loop of their run.</summary>
internal sealed class ReplicaLinks(ReplicaTable replicas, RunStore store, IHostApplicationLifetime lifetime)
{
    public async Task RunAsync(Call<ConnectRequest, ConnectResponse> call)
    {
        var over = lifetime.ApplicationStopping;
        var first = await call.FirstAsync(over);
        if (first.Hello is not { } hello)
            throw new RequestRefusedException(StatusCode.InvalidArgument, $"The first message of a link is {first.MessageCase}; send a Hello.");
        ProtocolCheck.Run($"replica {hello.ReplicaId}", hello.ProtocolVersion, version: "");
        TermCheck.Run(hello.Term, store.Term); // first: another coordinator may have started it
        if (!replicas.Knows(hello.ReplicaId, hello.RunId))
            throw RequestRefusedException.NotFound($"There is no replica {hello.ReplicaId} of a run {hello.RunId} here; this process should end.");
        if (!replicas.IsLatest(hello.ReplicaId, hello.Connection))
            throw new RequestRefusedException(StatusCode.Aborted, $"Replica {hello.ReplicaId} has connected again since; this call is over.");

        var link = new ReplicaLink(store.Term);
        replicas.Post(hello.ReplicaId, new RunInput.ReplicaGreeted(hello.ReplicaId, link, hello));
        try
        {
            await call.RunAsync(link.Outbox, said => replicas.Post(hello.ReplicaId, new RunInput.ReplicaSaid(hello.ReplicaId, link, said)), over);
        }
        finally
        {
            replicas.Post(hello.ReplicaId, new RunInput.LinkLost(hello.ReplicaId, link));
        }
    }
}
