using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Links;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The gRPC service for replicas.</summary>
internal sealed class ReplicaApi(ReplicaLinks links, Rendezvous rendezvous) : ReplicaService.ReplicaServiceBase
{
    public override Task Connect(
        IAsyncStreamReader<ConnectRequest> requestStream,
        IServerStreamWriter<ConnectResponse> responseStream,
        ServerCallContext context
    ) => links.RunAsync(Call<ConnectRequest, ConnectResponse>.Of(requestStream, responseStream, context));

    public override Task<SetRendezvousResponse> SetRendezvous(SetRendezvousRequest request, ServerCallContext context)
    {
        links.Check(request.ReplicaId, request.RunId, request.Secret.Span, context.Peer);
        rendezvous.Set(request.RunId, request.Generation, request.Key, request.Value);
        return Task.FromResult(new SetRendezvousResponse());
    }

    public override async Task<GetRendezvousResponse> GetRendezvous(GetRendezvousRequest request, ServerCallContext context)
    {
        links.Check(request.ReplicaId, request.RunId, request.Secret.Span, context.Peer);
        return new GetRendezvousResponse
        {
            Value = await rendezvous.GetAsync(request.RunId, request.Generation, request.Key, context.CancellationToken),
        };
    }
}
