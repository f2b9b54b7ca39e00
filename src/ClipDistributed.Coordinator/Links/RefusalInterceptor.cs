using System.Net;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Leading;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ClipDistributed.Coordinator.Links;

/// <summary>
/// Refuses calls while the leadership is not certain, and those that were not let in; maps exceptions to status codes; and has changes
/// audited.
/// </summary>
internal sealed class RefusalInterceptor(Leadership leadership, CallFailure failure, AuditLog audit, FailedLogIns failedLogIns)
    : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    ) => MapAsync(() => continuation(request, context), request, context);

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    ) => MapAsync(() => continuation(request, responseStream, context), request, context);

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation
    ) => MapAsync(() => continuation(requestStream, responseStream, context), null, context);

    private Task MapAsync(Func<Task> call, object? request, ServerCallContext context) => MapAsync<object?>(async () =>
    {
        await call();
        return null;
    }, request, context);

    private async Task<T> MapAsync<T>(Func<Task<T>> call, object? request, ServerCallContext context)
    {
        var admission = Admission.Of(context.GetHttpContext());
        // A coordinator that paused would answer by an outdated state: to a replica that its successor has started, that it is unknown
        // and should end.
        if (!leadership.IsHeld)
            throw new RpcException(
                new Status(StatusCode.Unavailable, "this coordinator does not know whether it still leads"),
                new Metadata { { CoordinatorAddresses.NotServed, "1" } }
            );
        if (admission is null) // no gate has looked at it
            throw new RpcException(new Status(StatusCode.PermissionDenied, $"the call {context.Method} was not let in"));
        try
        {
            if (!admission.IsInScope(request))
                throw OutOfScope(admission, request);
            var response = await call();
            if (admission.Ended.IsCancellationRequested)
                throw TokenEnded(admission);
            if (admission.Rule is { IsChange: true, Method: { } method })
                Audit(admission, method, request, AuditTarget.Of(method, request, response), StatusCode.OK);
            return response;
        }
        catch (OperationCanceledException) when (admission.Ended.IsCancellationRequested)
        {
            throw failure.Answer(TokenEnded(admission), context.Method, isOver: false);
        }
        catch (Exception failed)
        {
            var answer = failure.Answer(failed, context.Method, IsOver(context));
            AuditFailure(admission, request, (failed as RequestRefusedException)?.Claimed, answer.StatusCode, context);
            throw answer;
        }
    }

    /// <summary>Of a call that ends just now its own token is cancelled last.</summary>
    private static bool IsOver(ServerCallContext context) => context.CancellationToken.IsCancellationRequested
        || context.GetHttpContext().RequestAborted.IsCancellationRequested || context.Deadline <= DateTime.UtcNow;

    /// <param name="claimed">As of <see cref="RequestRefusedException.Claimed"/>.</param>
    private void AuditFailure(Admission admission, object? request, string? claimed, StatusCode result, ServerCallContext context)
    {
        if (admission.Rule is not { Method: { } method } rule || !rule.IsChange && claimed is null)
            return;
        bool isStranger = admission.Caller.Owner == "";
        if (!isStranger || failedLogIns.TryTake(context.GetHttpContext().Connection.RemoteIpAddress ?? IPAddress.None, out _))
            Audit(admission, method, request, claimed ?? AuditTarget.Of(method, request, null), result);
    }

    private void Audit(Admission admission, MethodDescriptor method, object? request, string target, StatusCode result)
    {
        if (request is not SubmitJobRequest { ValidateOnly: true }) // a form that is being filled in changes nothing
            audit.Add(admission.Caller, method.Name, target, result, AuditValues.Of(method, request));
    }

    private static RequestRefusedException TokenEnded(Admission admission) => new(
        StatusCode.Unauthenticated, $"the token of {admission.Caller.Owner} was revoked, or has expired; ask an admin for another");

    private static RequestRefusedException OutOfScope(Admission admission, object? request) => new(
        StatusCode.PermissionDenied,
        $"the token of {admission.Caller.Owner} is for run {admission.Caller.RunId} alone; ask an admin for another token")
    {
        Claimed = admission.Rule.Method is { } method ? AuditTarget.Of(method, request, null) : "",
    };
}
