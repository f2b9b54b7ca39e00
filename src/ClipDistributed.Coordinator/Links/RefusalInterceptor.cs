using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Leading;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ClipDistributed.Coordinator.Links;

/// <summary>The one place where exceptions become status codes.</summary>
internal sealed class RefusalInterceptor(Leadership leadership, CallFailure failure) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    ) => MapAsync(() => continuation(request, context), context);

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    ) => MapAsync(() => continuation(request, responseStream, context), context);

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation
    ) => MapAsync(() => continuation(requestStream, responseStream, context), context);

    private Task MapAsync(Func<Task> call, ServerCallContext context) => MapAsync<object?>(async () =>
    {
        await call();
        return null;
    }, context);

    private async Task<T> MapAsync<T>(Func<Task<T>> call, ServerCallContext context)
    {
        // A coordinator that stood still would speak of a state that is over: to a replica that its follower has started, that it should
        // end.
        if (!leadership.IsHeld)
            throw new RpcException(
                new Status(StatusCode.Unavailable, "this coordinator does not know whether it leads still"),
                new Metadata { { CoordinatorAddresses.NotServed, "1" } }
            );
        try
        {
            return await call();
        }
        catch (Exception failed)
        {
            throw failure.Answer(failed, context.Method, context.CancellationToken.IsCancellationRequested);
        }
    }
}
