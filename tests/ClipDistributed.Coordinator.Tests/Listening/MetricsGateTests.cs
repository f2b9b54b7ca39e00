using System.Net;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Listening;

/// <summary>What is served where.</summary>
public sealed class MetricsGateTests
{
    private const HttpStatusCode Ok = HttpStatusCode.OK, NotFound = HttpStatusCode.NotFound;

    [Fact]
    public async Task Metrics_NoAddressOfTheirOwn_AreWhereJsonIs()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        Assert.Equal((Ok, Ok), (await GetAsync(coordinator, "/metrics"), await GetAsync(coordinator, "/v1/runs")));
    }

    [Fact]
    public async Task Metrics_AddressOfTheirOwn_AreThereAndNothingElseIs()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with { Http = "127.0.0.1:0", MetricsListen = "127.0.0.1:0" });
        string metrics = coordinator.MetricsAddress;
        Assert.Equal((NotFound, Ok), (await GetAsync(coordinator, "/metrics"), await GetAsync(coordinator, "/v1/runs")));
        foreach (string path in (string[])["/v1/runs", "/", "/metrics/x", "/clipdistributed.control.v1.ControlService/ListRuns"])
            Assert.Equal((path, NotFound), (path, await GetAsync(metrics, path)));
        Assert.Equal((Ok, Ok), (await GetAsync(metrics, "/metrics"), await GetAsync(metrics, "/readyz")));
    }

    [Fact]
    public async Task Metrics_WithoutJson_AreServed()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { MetricsListen = "127.0.0.1:0" });
        string metrics = coordinator.MetricsAddress;
        Assert.Equal((Ok, NotFound), (await GetAsync(metrics, "/metrics"), await GetAsync(metrics, "/v1/runs")));
    }

    /// <summary>A page could read them there without a token.</summary>
    [Fact]
    public async Task Metrics_NameOfAnother_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { MetricsListen = "127.0.0.1:0" });
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(coordinator.MetricsAddress, "/metrics", host: "evil.example"));
    }

    /// <summary>As an admin, where JSON is served.</summary>
    private static async Task<HttpStatusCode> GetAsync(TestCoordinator coordinator, string path)
    {
        using var client = coordinator.Http();
        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }

    internal static async Task<HttpStatusCode> GetAsync(string address, string path, string? host = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{address}{path}");
        request.Headers.Host = host;
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }
}
