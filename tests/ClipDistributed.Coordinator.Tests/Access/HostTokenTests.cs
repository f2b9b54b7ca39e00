using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Access;

/// <summary>The tokens of worker hosts.</summary>
public sealed class HostTokenTests
{
    [Fact]
    public async Task Connect_TokenOfThisHost_IsWelcome()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var channel = coordinator.Open(await coordinator.TokenAsync(Role.Host, host: "a"));
        await using var host = await ScriptedHost.ConnectAsync(channel, "a");
        Assert.Equal(["a"], (await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts.Select(shown => shown.Name));
    }

    [Fact]
    public async Task Connect_TokenOfAnotherHost_IsRefusedAndAudited()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var channel = coordinator.Open(await coordinator.TokenAsync(Role.Host, owner: "rack 7", host: "a"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScriptedHost.ConnectAsync(channel, "b"));
        Assert.Equal(
            (
                StatusCode.PermissionDenied,
                "the token of rack 7 speaks for host a, not for b; start this worker with --name a, or ask an admin for another token"
            ),
            (refused.StatusCode, refused.Status.Detail));
        Assert.Empty((await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts);
        var entry = (await Admin(coordinator).ListAuditEntriesAsync(new ListAuditEntriesRequest { Target = "b" })).Entries.Single();
        Assert.Equal(("rack 7", "Connect", "PERMISSION_DENIED"), (entry.Owner, entry.Verb, entry.Result));
    }

    [Theory]
    [InlineData(null, StatusCode.Unauthenticated)]
    [InlineData(Role.Viewer, StatusCode.PermissionDenied)]
    [InlineData(Role.Operator, StatusCode.PermissionDenied)]
    public async Task Connect_NoTokenOfAHost_IsRefused(Role? role, StatusCode expected)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var channel = coordinator.Open(role is { } given ? await coordinator.TokenAsync(given) : null);
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => ScriptedHost.ConnectAsync(channel, "a"))).StatusCode);
    }

    /// <summary>Its replicas train on, and with another token it goes on as the same host.</summary>
    [Fact]
    public async Task Revoke_TokenOfAConnectedHost_EndsItsCallAndNotItsReplicas()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string text = await coordinator.TokenAsync(Role.Host, host: "a");
        using var channel = coordinator.Open(text);
        var host = await ScriptedHost.ConnectAsync(channel, "a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var launch = await host.LaunchAsync();
        var replica = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, launch, new ScriptedHello(launch.Restore ? 0 : -1));
        await replica.GenerationAsync();

        await Admin(coordinator).RevokeTokenAsync(new RevokeTokenRequest { TokenId = TokenText.TryParse(text)!.Value.Id });

        Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(host.CallAsync)).StatusCode);
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScriptedHost.ConnectAsync(channel, "a"));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        using var renewed = coordinator.Open(await coordinator.TokenAsync(Role.Host, host: "a"));
        await using var again = await ScriptedHost.ConnectAsync(renewed, "a", new ScriptedOffer { ReplicaIds = [replica.Id] });
        Assert.Empty(again.Welcome.ReplicaIdsToKill);
        await replica.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await replica.PersistedAsync()).Number);
        Assert.Equal(1, (await coordinator.RunAsync(runId)).Generation);
    }

    [Fact]
    public async Task Revoke_TokenOfALostHost_IsShownWithItAlsoByALaterCoordinator()
    {
        var before = await TestCoordinator.StartAsync();
        string text = await before.TokenAsync(Role.Host, owner: "rack 7", host: "a");
        string id = TokenText.TryParse(text)!.Value.Id;
        using (var channel = before.Open(text))
        {
            var host = await ScriptedHost.ConnectAsync(channel, "a");
            Assert.Equal("", (await ShowAsync(before)).Refusal);
            await Admin(before).RevokeTokenAsync(new RevokeTokenRequest { TokenId = id });
            await Assert.ThrowsAsync<RpcException>(host.CallAsync);
        }
        Host lost;
        while ((lost = await ShowAsync(before)).Lost is null)
            await Task.Yield(); // its call has ended, which the coordinator notes
        Assert.StartsWith($"its token {id} of rack 7 was revoked at ", lost.Refusal, StringComparison.Ordinal);

        await using var coordinator = await before.RestartAsync();
        Assert.Equal(lost.Refusal, (await ShowAsync(coordinator)).Refusal);

        static async Task<Host> ShowAsync(TestCoordinator at) =>
            (await at.Control.GetHostAsync(new GetHostRequest { Name = "a" })).Host;
    }

    [Fact]
    public async Task Expiry_OfALostHostsToken_IsShownWithIt()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var made = await Admin(coordinator).CreateTokenAsync(new CreateTokenRequest
        {
            Role = Role.Host, Owner = "rack 7", Host = "a", Expires = Timestamp.FromDateTime(DateTime.UtcNow.AddSeconds(2)),
        });
        using var channel = coordinator.Open(made.Text);
        var host = await ScriptedHost.ConnectAsync(channel, "a");
        await Assert.ThrowsAsync<RpcException>(host.CallAsync);
        Host lost;
        while ((lost = (await coordinator.Control.GetHostAsync(new GetHostRequest { Name = "a" })).Host).Refusal == "")
            await Task.Yield();
        Assert.StartsWith($"its token {made.Token.TokenId} of rack 7 expired at ", lost.Refusal, StringComparison.Ordinal);
    }

    private static AdminService.AdminServiceClient Admin(TestCoordinator coordinator) => new(coordinator.Channel);
}
