using System.Security.Cryptography;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using Microsoft.Data.Sqlite;

namespace ClipDistributed.Coordinator.Tests.Hosts;

[Collection(StoreCollection.Name)]
public sealed class KnownHostsTests(StoreProviders providers)
{
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Restart_HostsThatDoNotComeBack_AreShownAsLostWithTheirAge(string provider)
    {
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(provider, folder);
        var first = await TestCoordinator.StartAsync(other =>
            other with
            {
                StateDirectory = options.StateDirectory,
                Store = options.Store,
            }
        );
        var gone = await first.HostAsync("a", cpus: 2);
        await gone.DisposeAsync();
        var lost = await UntilAsync(first, hosts => hosts[0].Lost is not null);
        await first.HostAsync("b");
        var before = DateTime.UtcNow;

        var second = await first.RestartAsync();

        var shown = await HostsAsync(second);
        Assert.Equal([("a", 2, "0.1.0"), ("b", 1, "0.1.0")], shown.Select(host => (host.Name, host.Devices.Count, host.Version)));
        Assert.Equal(lost[0].Lost.ToDateTime(), shown[0].Lost.ToDateTime(), TimeSpan.FromMilliseconds(1));
        Assert.InRange(shown[1].Lost.ToDateTime(), before, DateTime.UtcNow);
        await second.HostAsync("b");
        await UntilAsync(second, hosts => hosts[1].Lost is null);

        await using var third = await second.RestartAsync();
        Assert.Equal(["a", "b"], (await HostsAsync(third)).Select(host => host.Name));
    }

    /// <summary>A coordinator that is killed writes no end; its hosts are missed from the start of the next one on.</summary>
    [Fact]
    public async Task Restart_AfterAKill_HostsThatWereConnectedAreLost()
    {
        var first = await TestCoordinator.StartAsync();
        await first.HostAsync("a");
        await using var second = await first.RestartAsync(folder => Execute(folder, "UPDATE hosts SET Lost = NULL"));
        var shown = Assert.Single(await HostsAsync(second));
        Assert.Equal(DateTime.UtcNow, shown.Lost.ToDateTime(), TestCoordinator.Patience);
    }

    [Fact]
    public async Task Restart_HostsLostLongAgoOrTooMany_AreForgotten()
    {
        var first = await TestCoordinator.StartAsync(options => options with { Limits = new CoordinatorLimits { LostHosts = 2 } });
        foreach (string name in (string[])["a", "b", "c", "d"])
        {
            await (await first.HostAsync(name)).DisposeAsync();
            // One after the other: those that were lost first are forgotten, and the coordinator may notice later ends sooner.
            await UntilAsync(first, hosts => hosts.Any(host => host.Name == name && host.Lost is not null));
        }
        var second = await first.RestartAsync();
        Assert.Equal(["c", "d"], (await HostsAsync(second)).Select(host => host.Name));
        await using var third = await second.RestartAsync(folder =>
            Execute(folder, "UPDATE hosts SET Lost = datetime('now', '-8 days') WHERE Name = 'c'")
        );
        Assert.Equal(["d"], (await HostsAsync(third)).Select(host => host.Name));
        await third.StopAsync();
        Assert.Equal(1L, Execute(third.StateDirectory, "SELECT count(*) FROM hosts"));
    }

    [Fact]
    public async Task Restart_OfferIsDamaged_IsLeftOutAlone()
    {
        var first = await TestCoordinator.StartAsync();
        await first.HostAsync("a");
        await first.HostAsync("b");
        await using var second = await first.RestartAsync(folder => Execute(folder, "UPDATE hosts SET Offer = x'0AFF' WHERE Name = 'a'"));
        Assert.Equal(["b"], (await HostsAsync(second)).Select(host => host.Name));
        await second.Log.UntilAsync("HostDamaged", ("HostId", "a"));
    }

    [Fact]
    public async Task Stop_Secret_IsStoredAsItsHashAlone()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.HostAsync("a");
        await coordinator.StopAsync();
        byte[] secret = ScriptedHost.Secret().ToByteArray();
        Assert.Equal(SHA256.HashData(secret), Execute(coordinator.StateDirectory, "SELECT SecretHash FROM hosts"));
        Assert.Equal(-1, Assert.IsType<byte[]>(Execute(coordinator.StateDirectory, "SELECT Offer FROM hosts")).AsSpan().IndexOf(secret));
    }

    private static async Task<IReadOnlyList<Host>> HostsAsync(TestCoordinator coordinator) =>
        (await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts;

    private static async Task<IReadOnlyList<Host>> UntilAsync(TestCoordinator coordinator, Func<IReadOnlyList<Host>, bool> meets)
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        while (true)
        {
            late.Token.ThrowIfCancellationRequested();
            var hosts = await HostsAsync(coordinator);
            if (meets(hosts))
                return hosts;
            await Task.Yield();
        }
    }

    private static object? Execute(string folder, string statement)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(folder, "coordinator.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteScalar();
    }
}
