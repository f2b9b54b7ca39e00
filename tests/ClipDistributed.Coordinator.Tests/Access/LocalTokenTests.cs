using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Coordinator.Tests.Access;

/// <summary>The token that a coordinator makes for its own machine.</summary>
public sealed class LocalTokenTests
{
    [Fact]
    public async Task Start_First_WritesATokenThatItsOwnerAloneReads()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        Assert.Equal(GuardedFile.OwnerOnly, File.GetUnixFileMode(coordinator.TokenFile));
        Assert.Matches("^clipd_[0-9a-f]{12}_[0-9A-Za-z_-]{43}\n$", await File.ReadAllTextAsync(coordinator.TokenFile));
        Assert.Equal([(Role.Admin, $"{Environment.UserName}@{Environment.MachineName}")],
            (await TokensAsync(coordinator)).Select(token => (token.Role, token.Owner)));
    }

    [Fact]
    public async Task Start_Again_KeepsIt()
    {
        var first = await TestCoordinator.StartAsync();
        string token = first.Token;
        await using var second = await first.RestartAsync();
        Assert.Equal(token, second.Token);
        Assert.Single(await TokensAsync(second));
    }

    /// <summary>Commands and workers that have it go on.</summary>
    [Fact]
    public async Task Start_StoreIsLost_TakesTheOneThatIsThere()
    {
        var first = await TestCoordinator.StartAsync();
        string token = first.Token;
        await using var second = await first.RestartAsync(state => File.Delete(Path.Combine(state, "coordinator.db")));
        Assert.Equal(token, second.Token);
        Assert.Single(await TokensAsync(second));
    }

    [Fact]
    public async Task Start_ItWasRevoked_MakesAnother()
    {
        var first = await TestCoordinator.StartAsync();
        string token = first.Token;
        await new AdminService.AdminServiceClient(first.Channel).RevokeTokenAsync(
            new RevokeTokenRequest { TokenId = TokenText.TryParse(token)!.Value.Id });
        await using var second = await first.RestartAsync();
        Assert.NotEqual(token, second.Token);
        Assert.Equal([true, false], (await TokensAsync(second)).Select(one => one.Revoked is null));
        using var former = second.Open(token);
        var refused = await Assert.ThrowsAsync<RpcException>(() => TokensAsync(former));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    /// <summary>Otherwise each start would leave one more, of which nobody has the text.</summary>
    [Fact]
    public async Task Ensure_FileCannotBeWritten_AddsNoToken()
    {
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        using var store = RunStore.Open(options);
        var local = new LocalToken(
            options with { StateDirectory = "/proc/self" }, null!, TimeProvider.System, NullLogger<LocalToken>.Instance);
        using var tokens = new TokenTable(store, local, null!, TimeProvider.System, NullLogger<TokenTable>.Instance);
        await local.EnsureAsync(tokens);
        Assert.Equal(0, tokens.Count);
    }

    private static Task<IReadOnlyList<Token>> TokensAsync(TestCoordinator coordinator) => TokensAsync(coordinator.Channel);

    private static async Task<IReadOnlyList<Token>> TokensAsync(ChannelBase channel) =>
        (await new AdminService.AdminServiceClient(channel).ListTokensAsync(new ListTokensRequest())).Tokens;
}
