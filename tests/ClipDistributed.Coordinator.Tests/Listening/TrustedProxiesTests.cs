using System.Net;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.Coordinators;

namespace ClipDistributed.Coordinator.Tests.Listening;

/// <summary>The tests' own requests come from 127.0.0.1.</summary>
public sealed class TrustedProxiesTests
{
    [Theory]
    [InlineData("127.0.0.1/32", "203.0.113.7", "203.0.113.7:")]
    [InlineData("127.0.0.0/8", "203.0.113.7, 127.0.0.9", "203.0.113.7:")] // two proxies
    [InlineData("127.0.0.1/32", "198.51.100.1, 203.0.113.7", "203.0.113.7:")] // what the caller itself claims counts for nothing
    [InlineData("10.0.0.0/8", "203.0.113.7", "127.0.0.1:")]
    [InlineData(null, "203.0.113.7", "127.0.0.1:")]
    public async Task Call_ForwardedFor_CountsFromAProxyAlone(string? range, string forwarded, string expected)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with { BehindProxy = range is null ? [] : [range] });
        using var client = new HttpClient(new TokenHandler(coordinator.Token))
        {
            DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var content = new ByteArrayContent([0, 0, 0, 0, 1, 255]) { Headers = { { "content-type", "application/grpc" } } };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", forwarded);
        using var answer = await client.PostAsync($"{coordinator.Address}/clipdistributed.control.v1.ControlService/GetRun", content);
        await coordinator.Log.UntilAsync("RequestUnreadable");
        Assert.Contains($"from {expected}", Assert.Single(coordinator.Log.Warnings), StringComparison.Ordinal);
    }

    /// <summary>The name by which the caller reached the proxy is the one that is checked.</summary>
    [Theory]
    [InlineData("127.0.0.1/32", HttpStatusCode.Forbidden)]
    [InlineData("10.0.0.0/8", HttpStatusCode.OK)]
    public async Task Call_ForwardedHost_CountsFromAProxyAlone(string range, HttpStatusCode expected)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with { Http = "127.0.0.1:0", BehindProxy = [range] });
        using var client = coordinator.Http();
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil.example");
        using var answer = await client.GetAsync("/v1/runs");
        Assert.Equal(expected, answer.StatusCode);
    }
}
