using System.Net;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Access;

/// <summary>Tokens from their making to their end.</summary>
public sealed class TokenLifeTests
{
    [Fact]
    public async Task Create_Token_IsListedWithoutItsTextAndNotedWhenUsed()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var made = await Admin(coordinator).CreateTokenAsync(
            new CreateTokenRequest { Role = Role.Viewer, Owner = "grafana", RunId = "demo-1" });
        Assert.Equal(made.Token.TokenId, TokenText.TryParse(made.Text)!.Value.Id);
        var before = await FindAsync();
        Assert.Equal(made.Token, before);
        Assert.Null(before.LastUsed);
        using var channel = coordinator.Open(made.Text);
        await Assert.ThrowsAsync<RpcException>(() =>
            new ControlService.ControlServiceClient(channel).GetRunAsync(new GetRunRequest { RunId = "demo-1" }).ResponseAsync);
        Assert.NotNull((await FindAsync()).LastUsed);

        async Task<Token> FindAsync() => (await Admin(coordinator).ListTokensAsync(new ListTokensRequest { PageSize = 1 })).Tokens.Single();
    }

    [Fact]
    public async Task List_TokenOfAnOpenCall_IsInUseNow()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec()), text = await coordinator.TokenAsync(Role.Viewer);
        using var channel = coordinator.Open(text);
        using var call = new ControlService.ControlServiceClient(channel).WatchRun(new WatchRunRequest { RunId = runId });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        var first = await LastUsedAsync();
        await Task.Delay(20);
        Assert.True(await LastUsedAsync() > first);

        async Task<Timestamp> LastUsedAsync() =>
            (await Admin(coordinator).ListTokensAsync(new ListTokensRequest { PageSize = 1 })).Tokens.Single().LastUsed;
    }

    public static TheoryData<CreateTokenRequest, string> Wrong => new()
    {
        { new CreateTokenRequest { Owner = "ann" }, "role" },
        { new CreateTokenRequest { Owner = "ann", Role = Role.Replica }, "role" },
        { new CreateTokenRequest { Owner = "ann", Role = (Role)77 }, "role" },
        { new CreateTokenRequest { Role = Role.Viewer }, "owner" },
        { new CreateTokenRequest { Role = Role.Viewer, Owner = "a\u001b[31m" }, "owner" },
        { new CreateTokenRequest { Role = Role.Viewer, Owner = "ann\u202Egpj" }, "owner" },
        { new CreateTokenRequest { Role = Role.Host, Owner = "ann", Host = "a\u202Eb" }, "host" },
        { new CreateTokenRequest { Role = Role.Viewer, Owner = "ann", RunId = "demo\u200B-1" }, "run_id" },
        { new CreateTokenRequest { Role = Role.Viewer, Owner = new string('a', 101) }, "owner" },
        { new CreateTokenRequest { Role = Role.Host, Owner = "ann" }, "host" },
        { new CreateTokenRequest { Role = Role.Viewer, Owner = "ann", Host = "a" }, "host" },
        { new CreateTokenRequest { Role = Role.Admin, Owner = "ann", RunId = "demo-1" }, "run_id" },
        { new CreateTokenRequest { Role = Role.Viewer, Owner = "ann", Expires = new Timestamp { Seconds = 1 } }, "expires" },
        { new CreateTokenRequest { Role = Role.Viewer, Owner = "ann", Expires = new Timestamp { Seconds = long.MaxValue } }, "expires" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task Create_CannotBe_NamesTheField(CreateTokenRequest request, string field)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() => Admin(coordinator).CreateTokenAsync(request).ResponseAsync);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal(field, Assert.Single(refused.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>()!.FieldViolations).Field);
        Assert.Single((await Admin(coordinator).ListTokensAsync(new ListTokensRequest())).Tokens);
    }

    [Fact]
    public async Task Create_TooMany_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with { Limits = new CoordinatorLimits { Tokens = 2 } });
        await coordinator.TokenAsync(Role.Viewer);
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.TokenAsync(Role.Viewer));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
    }

    [Fact]
    public async Task Revoke_TokenOfAWatcher_EndsItsCall()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        string runId = await coordinator.SubmitAsync(coordinator.Spec()), text = await coordinator.TokenAsync(Role.Viewer);
        using var channel = coordinator.Open(text);
        using var call = new ControlService.ControlServiceClient(channel).WatchRun(new WatchRunRequest { RunId = runId });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        using var http = coordinator.Http(text);
        using var watching = await http.GetAsync($"/v1/runs/{runId}:watch", HttpCompletionOption.ResponseHeadersRead);
        var rest = watching.Content.ReadAsStringAsync();

        var request = new RevokeTokenRequest { TokenId = TokenText.TryParse(text)!.Value.Id };
        await Admin(coordinator).RevokeTokenAsync(request);
        await Admin(coordinator).RevokeTokenAsync(request); // again: nothing happens

        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TestCoordinator.Patience))
            {
            }
        });
        Assert.Equal(StatusCode.Unauthenticated, ended.StatusCode);
        string last = (await rest.WaitAsync(TestCoordinator.Patience)).TrimEnd('\n').Split('\n')[^1];
        Assert.Equal((int)StatusCode.Unauthenticated, (int?)JsonNode.Parse(last)!["code"]);
        using var refused = await http.GetAsync("/v1/runs");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Expire_TokenOfAWatcher_EndsItsCall()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var soon = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddSeconds(3));
        var made = await Admin(coordinator).CreateTokenAsync(
            new CreateTokenRequest { Role = Role.Viewer, Owner = "ann", Expires = soon });
        using var channel = coordinator.Open(made.Text);
        using var call = new ControlService.ControlServiceClient(channel).WatchRun(new WatchRunRequest { RunId = runId });
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TestCoordinator.Patience))
            {
            }
        });
        Assert.Equal(StatusCode.Unauthenticated, ended.StatusCode);
        var error = TimeSpan.FromMilliseconds(50); // a timer goes by another clock
        Assert.True(DateTimeOffset.UtcNow >= soon.ToDateTimeOffset() - error);
    }

    [Fact]
    public async Task Create_OthersEndedLongAgo_AreForgotten()
    {
        var first = await TestCoordinator.StartAsync();
        string Id(string text) => TokenText.TryParse(text)!.Value.Id;
        string old = Id(await first.TokenAsync(Role.Viewer, "old")), recent = Id(await first.TokenAsync(Role.Viewer, "recent"));
        await Admin(first).RevokeTokenAsync(new RevokeTokenRequest { TokenId = recent });
        await using var second = await first.RestartAsync(state =>
            StateDatabase.Change(state, $"UPDATE tokens SET Revoked = '2026-01-02 03:04:05' WHERE TokenId = '{old}'"));
        await second.TokenAsync(Role.Viewer, "new");
        var owners = (await Admin(second).ListTokensAsync(new ListTokensRequest())).Tokens.Select(token => token.Owner);
        Assert.Equal(["new", "recent"], owners.Take(2));
        Assert.DoesNotContain("old", owners);
    }

    [Fact]
    public async Task Create_TooManyButSomeEndedLongAgo_IsDone()
    {
        var first = await TestCoordinator.StartAsync(options => options with { Limits = new CoordinatorLimits { Tokens = 2 } });
        string old = TokenText.TryParse(await first.TokenAsync(Role.Viewer, "old"))!.Value.Id;
        await using var second = await first.RestartAsync(state =>
            StateDatabase.Change(state, $"UPDATE tokens SET Revoked = '2026-01-02 03:04:05' WHERE TokenId = '{old}'"));
        await second.TokenAsync(Role.Viewer, "new");
        var refused = await Assert.ThrowsAsync<RpcException>(() => second.TokenAsync(Role.Viewer));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
    }

    [Fact]
    public async Task Revoke_UnknownToken_IsNotFound()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            Admin(coordinator).RevokeTokenAsync(new RevokeTokenRequest { TokenId = "0" }).ResponseAsync);
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    public async Task GetServerInfo_RunningCoordinator_SaysWhatItIs()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var info = await Admin(coordinator).GetServerInfoAsync(new GetServerInfoRequest());
        Assert.Equal(("0.1.0", coordinator.Address, 1L, "sqlite"), (info.Version, info.Address, info.Term, info.Store));
        Assert.InRange(info.Started.ToDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow);
    }

    private static AdminService.AdminServiceClient Admin(TestCoordinator coordinator) => new(coordinator.Channel);
}
