using System.Net;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using ClipDistributed.TestKit.Databases;

namespace ClipDistributed.Coordinator.Tests.Probes;

[Collection(StoreCollection.Name)]
public sealed class HealthPagesTests(StoreProviders providers)
{
    private const string Ok = "ok\n", Unavailable = "unavailable\n";

    /// <summary>Probes use the address of a pod, or any name.</summary>
    [Fact]
    public async Task Get_CoordinatorLeads_IsOkUnderAnyName()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        foreach (string path in (string[])["/healthz", "/readyz"])
            Assert.Equal((path, (HttpStatusCode.OK, Ok)), (path, await GetAsync(coordinator.HttpAddress, path, "evil.example")));
    }

    [Fact]
    public async Task Get_StoreIsUnavailable_IsAliveAndNotReadyUntilItIsBack()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(StoreProviders.Postgres, folder);
        await using var app = CoordinatorHost.Build(
            options with { Listen = "127.0.0.1:0", Http = "127.0.0.1:0", LeaderLease = TimeSpan.FromMinutes(5) }, new RecordedLog().AddTo);
        await CoordinatorHost.StartAsync(app);
        string http = CoordinatorHost.HttpAddress(app)!;
        await UntilAsync(http, (HttpStatusCode.OK, Ok));

        await providers.Server.StopAsync();

        await UntilAsync(http, (HttpStatusCode.ServiceUnavailable, Unavailable));
        Assert.Equal((HttpStatusCode.OK, Ok), await GetAsync(http, "/healthz"));
        await providers.Server.StartAgainAsync();
        await UntilAsync(http, (HttpStatusCode.OK, Ok));
        await app.StopAsync();
    }

    [Fact]
    public async Task Get_CoordinatorStandsBy_IsAliveAndNotReady()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(StoreProviders.Postgres, folder) with
        {
            Listen = "127.0.0.1:0", Http = "0.0.0.0:0", Insecure = true,
        };
        await using var app = CoordinatorHost.Build(options, new RecordedLog().AddTo);
        await CoordinatorHost.StartAsync(app);
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var log = new RecordedLog();
        bool led = false;
        var standby = new CoordinatorLoop(options, at => address.SetResult(at.Http!), log.AddTo, leads: _ => led = true)
            .RunAsync(stop.Token);
        string http = (await address.Task.WaitAsync(TestCoordinator.Patience)).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
        Assert.Equal(1, log.CountOf("Insecure"));

        Assert.Equal((HttpStatusCode.OK, Ok), await GetAsync(http, "/healthz"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, Unavailable), await GetAsync(http, "/readyz"));

        await stop.CancelAsync();
        await standby;
        Assert.False(led);
        await app.StopAsync();
    }

    private static async Task UntilAsync(string http, (HttpStatusCode, string) expected)
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        while (await GetAsync(http, "/readyz") != expected)
            await Task.Delay(50, late.Token);
    }

    private static async Task<(HttpStatusCode, string)> GetAsync(string address, string path, string? host = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{address}{path}");
        request.Headers.Host = host;
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
