using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Access;

public sealed class TokenTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider time = new();
    private readonly RunStore store;
    private readonly TokenTable table;

    public TokenTableTests()
    {
        store = RunStore.Open(Options);
        table = new TokenTable(store, null!, null!, time, NullLogger<TokenTable>.Instance);
    }

    private CoordinatorOptions Options => new() { StateDirectory = folder.Path };

    public void Dispose()
    {
        table.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    /// <summary>Of a coordinator that another one has followed: what it cannot make durable it does not pretend.</summary>
    [Fact]
    public async Task Changes_AnotherCoordinatorLeads_AreRefusedAndChangeNothing()
    {
        var held = TokenText.New();
        var row = RowOf(held);
        row.Expires = time.GetUtcNow().UtcDateTime.AddDays(1);
        await table.AddAsync(row);
        File.Delete(folder.File(".lock")); // as if this one's disk had been detached
        using var follower = RunStore.Open(Options);

        var refused = TokenText.New();
        await Assert.ThrowsAsync<TermOverException>(() => table.AddAsync(RowOf(refused)));
        await Assert.ThrowsAsync<TermOverException>(() => table.RevokeAsync(table.Find(held.Id)!));
        time.Advance(TimeSpan.FromDays(100));
        await Assert.ThrowsAsync<TermOverException>(table.ForgetEndedAsync);

        Assert.Null(table.Check(refused.Text).Token);
        Assert.Null(table.Find(held.Id)!.Row.Revoked);
        Assert.Equal([held.Id], (await new TokenStore(follower).AllAsync()).Select(row => row.TokenId));
    }

    /// <summary>Until then it is listed, so that it can be seen who had it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ForgetEnded_AMonthAfterItsEnd_IsGoneFromTheStoreToo(bool isRevoked)
    {
        var (ended, valid) = (TokenText.New(), TokenText.New());
        var row = RowOf(ended);
        row.Expires = isRevoked ? null : time.GetUtcNow().UtcDateTime;
        await table.AddAsync(row);
        await table.AddAsync(RowOf(valid));
        if (isRevoked)
            await table.RevokeAsync(table.Find(ended.Id)!);
        time.Advance(TimeSpan.FromDays(30));
        await table.ForgetEndedAsync();
        Assert.Equal(2, table.Count);
        time.Advance(TimeSpan.FromSeconds(1));
        await table.ForgetEndedAsync();
        Assert.Equal([valid.Id], table.All.Select(one => one.Row.TokenId));
        Assert.Equal([valid.Id], (await new TokenStore(store).AllAsync()).Select(one => one.TokenId));
    }

    private TokenRow RowOf(TokenText token) => new()
    {
        TokenId = token.Id, Hash = token.Hash(), Role = Role.Viewer, Owner = "ann", Created = time.GetUtcNow().UtcDateTime,
    };
}
