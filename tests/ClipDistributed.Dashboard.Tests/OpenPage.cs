using System.Security.Claims;
using Bunit;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Sessions;
using ClipDistributed.TestKit.Coordinators;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace ClipDistributed.Dashboard.Tests;

/// <summary>Components as an open page has them, with the calls of one user to a real coordinator; no script runs.</summary>
internal sealed class OpenPage : BunitContext
{
    private readonly GrpcChannel channel;

    private OpenPage(DashboardServer server, string token, Role role)
    {
        channel = TokenHandler.Open(server.GrpcAddress, null);
        DefaultWaitTimeout = TimeSpan.FromSeconds(30);
        JSInterop.Mode = JSRuntimeMode.Loose;
        var sessions = new SessionTable(new DashboardOptions(), TimeProvider.System);
        var session = sessions.Open(token, new Token { Owner = "ann", Role = role }, "127.0.0.1");
        Calls = new ControlCalls(new SignedIn(session.Id), sessions, channel.CreateCallInvoker());
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(Calls);
        Services.AddMudServices();
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        Render<MudPopoverProvider>();
        Dialogs = Render<MudDialogProvider>();
    }

    public ControlCalls Calls { get; }

    /// <summary>Where dialogs open.</summary>
    public IRenderedComponent<MudDialogProvider> Dialogs { get; }

    public static async Task<OpenPage> OfAsync(DashboardServer server, Role role = Role.Operator) =>
        new(server, await server.TokenAsync(role), role);

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        channel.Dispose();
    }

    private sealed class SignedIn(string session) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity([new Claim("session", session)], "test"))));
    }
}
