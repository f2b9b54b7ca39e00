using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Store.Databases;

namespace ClipDistributed.Coordinator.Tests.Store;

/// <summary>Tokens and the audit in each database.</summary>
[Collection(StoreCollection.Name)]
public sealed class AccessStoresTests(StoreProviders providers)
{
    private static readonly DateTime Time = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Save_Token_IsReadAsItWasAndReplaced(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        var tokens = new TokenStore(store);
        await tokens.SaveAsync([Row()]);
        var changed = Row();
        changed.Revoked = Time.AddDays(1);
        await tokens.SaveAsync([changed]);
        await tokens.SaveAsync([changed]); // its response was lost
        var found = Assert.Single(await tokens.AllAsync());
        Assert.Equivalent(changed, found, strict: true);
        await tokens.DeleteAsync(found.TokenId);
        Assert.Empty(await tokens.AllAsync());

        static TokenRow Row() => new()
        {
            TokenId = "0123456789ab", Hash = [1, 2, 3], Role = Role.Operator, Owner = "größe", RunId = "demo-1", Created = Time,
            Expires = Time.AddDays(30), LastUsed = Time.AddHours(1),
        };
    }

    /// <summary>What refused callers cause drives out nothing of the others.</summary>
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Add_MoreRefusedThanTheBound_KeepsTheChanges(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        var audit = new AuditStore(store, max: 3);
        await audit.AddAsync([Row("ann", 0), Row("ann", 1)]);
        for (int i = 0; i < 9; i++)
            await audit.AddAsync([Row("", i)]);
        Assert.Equal(["1", "0"], await ListAsync("ann", isDescending: true));
        Assert.Equal(["0", "1", "6", "7", "8"], await ListAsync("", isDescending: false));

        async Task<IEnumerable<string>> ListAsync(string owner, bool isDescending) =>
            (await audit.ListAsync(new AuditFilter(owner), isDescending, null, 100, CancellationToken.None)).Select(row => row.Target);

        static AuditRow Row(string owner, int i) => new()
        {
            Time = Time, IsRefused = owner == "", Owner = owner, TokenId = "", Role = "Viewer", Address = "::1", Verb = "StopRun",
            Target = $"{i}", Result = "OK",
        };
    }

    /// <summary>Who causes entries without end loses its own: of changes, of what it is refused, and as a stranger of one address.
    /// </summary>
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Add_FloodOfOneCaller_KeepsAllEntriesOfTheOthers(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        var audit = new AuditStore(store, max: 10);
        foreach (var (owner, isRefused) in ((string, bool)[])[("change", false), ("denied", true), ("", true)])
        {
            await audit.AddAsync([.. Enumerable.Range(0, 3).Select(i => Row("ann", owner, isRefused, i))]);
            await audit.AddAsync([.. Enumerable.Range(0, 2).Select(i => Row("bob", owner, isRefused, i))]);
            for (int i = 0; i < 30; i++)
                await audit.AddAsync([Row("eve", owner, isRefused, i)]);
        }
        var rows = await audit.ListAsync(new AuditFilter(), isDescending: false, null, 1000, CancellationToken.None);
        foreach (var kind in rows.GroupBy(row => row.Owner))
            Assert.Equal(
                ["ann 0", "ann 1", "ann 2", "bob 0", "bob 1", "eve 25", "eve 26", "eve 27", "eve 28", "eve 29"],
                kind.Select(row => $"{row.Verb} {row.Target}"));

        static AuditRow Row(string who, string owner, bool isRefused, int i) => new()
        {
            Time = Time, IsRefused = isRefused, Owner = owner, TokenId = owner == "" ? $"{Guid.NewGuid()}" : who, Role = "Viewer",
            Address = who, Verb = who, Target = $"{i}", Result = "OK",
        };
    }

    [Theory]
    [InlineData(10, new int[0], int.MaxValue)]
    [InlineData(10, new[] { 5, 5 }, int.MaxValue)]
    [InlineData(10, new[] { 6, 5 }, 5)]
    [InlineData(10, new[] { 100, 2, 3 }, 5)]
    [InlineData(10, new[] { 100, 100, 1 }, 4)]
    [InlineData(2, new[] { 1, 1, 1 }, 0)]
    public void ShareOf_Callers_LeavesToTheOthersWhatTheyDoNotUse(int limit, int[] counts, int share) =>
        Assert.Equal(share, AuditStore.ShareOf(counts, limit));
}
