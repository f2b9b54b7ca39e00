using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Links;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>The gRPC service for worker hosts.</summary>
internal sealed class HostApi(HostRegistry hosts) : HostService.HostServiceBase
{
    public override Task Connect(
        IAsyncStreamReader<ConnectRequest> requestStream,
        IServerStreamWriter<ConnectResponse> responseStream,
        ServerCallContext context
    ) => hosts.RunAsync(Call<ConnectRequest, ConnectResponse>.Of(requestStream, responseStream, context));
}
