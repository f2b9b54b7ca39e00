using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Leading;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ClipDistributed.Coordinator.Links;

/// <summary>Maps exceptions to status codes, and refuses calls while the leadership is not certain.</summary>
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
        // A coordinator that paused would answer by an outdated state: to a replica that its successor has started, that it is unknown
        // and should end.
        if (!leadership.IsHeld)
            throw new RpcException(
                new Status(StatusCode.Unavailable, "this coordinator does not know whether it still leads"),
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
