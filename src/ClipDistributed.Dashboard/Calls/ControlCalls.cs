using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Sessions;
using Grpc.Core;
using Microsoft.AspNetCore.Components.Authorization;

namespace ClipDistributed.Dashboard.Calls;

/// <summary>The control API for the user of one page.</summary>
internal sealed class ControlCalls(AuthenticationStateProvider users, SessionTable sessions, CallInvoker calls)
{
    /// <returns>Null: no user is signed in any more.</returns>
    public async Task<Session?> SessionAsync() =>
        SessionCookie.Find(sessions, (await users.GetAuthenticationStateAsync()).User);

    public async Task<ControlService.ControlServiceClient> ControlAsync() => new(await InvokerAsync());

    public async Task<HistoryService.HistoryServiceClient> HistoryAsync() => new(await InvokerAsync());

    public async Task<AdminService.AdminServiceClient> AdminAsync() => new(await InvokerAsync());

    public async Task<CheckpointService.CheckpointServiceClient> CheckpointsAsync() => new(await InvokerAsync());

    public async Task<ModelService.ModelServiceClient> ModelsAsync() => new(await InvokerAsync());

    /// <exception cref="RpcException">No user is signed in any more.</exception>
    private async Task<CallInvoker> InvokerAsync() => await SessionAsync() is { } session
        ? SessionCalls.With(calls, session.Token, session.Address)
        : throw new RpcException(new Status(StatusCode.Unauthenticated, CallProblem.SignedOut.Text));
}
