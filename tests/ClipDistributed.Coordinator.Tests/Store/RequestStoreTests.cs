using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using ClipDistributed.TestKit.Databases;

namespace ClipDistributed.Coordinator.Tests.Store;

[Collection(StoreCollection.Name)]
public sealed class RequestStoreTests(StoreProviders providers)
{
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Forget_OldOnesAndTooMany_KeepsTheNewest(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        var requests = new RequestStore(store);
        for (int i = 1; i <= 5; i++)
            await store.AddAsync(
                SampleRows.Job(),
                new RunRow { RunId = $"demo-{i}", JobId = "demo", Name = "demo", Number = i, RunDirectory = "/none" },
                new RequestRow { RequestId = $"r{i}", Digest = [1, 2], Accepted = DateTime.UnixEpoch.AddDays(i), RunId = $"demo-{i}" });

        await requests.ForgetAsync(DateTime.UnixEpoch.AddDays(2), max: 10);
        Assert.Equal(["r2", "r3", "r4", "r5"], await KnownAsync());
        await requests.ForgetAsync(DateTime.UnixEpoch, max: 2);
        Assert.Equal(["r4", "r5"], await KnownAsync());
        var kept = (await requests.FindAsync("r4", CancellationToken.None))!;
        Assert.Equal("demo-4", kept.RunId);
        Assert.Equal([1, 2], kept.Digest);

        async Task<IEnumerable<string>> KnownAsync()
        {
            var known = new List<string>();
            for (int i = 1; i <= 5; i++)
            {
                if (await requests.FindAsync($"r{i}", CancellationToken.None) is { } row)
                    known.Add(row.RequestId);
            }
            return known;
        }
    }
}
