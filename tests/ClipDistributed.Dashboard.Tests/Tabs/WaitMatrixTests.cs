using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Tabs;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Dashboard.Tests.Tabs;

public sealed class WaitMatrixTests
{
    [Fact]
    public async Task Render_Waits_HaveACellForEachPairAndNameTheSlowest()
    {
        string html = await RenderAsync(
            Replica(0, (1, 3.0)), Replica(1), Replica(2, (1, 1.0), (0, 0.25)));
        Assert.Contains("Rank 0 waited 3.0 s for rank 1", html, StringComparison.Ordinal);
        Assert.Contains("Rank 2 waited 0.25 s for rank 0", html, StringComparison.Ordinal);
        Assert.Contains("Rank 1 waited 0 s for rank 2", html, StringComparison.Ordinal);
        Assert.Contains("rank 1 was waited for longest, 4.0 s in all", html, StringComparison.Ordinal);
        Assert.Equal(6, html.Split("class=\"cell\"").Length - 1);
    }

    [Fact]
    public async Task Render_OneReplica_SaysThatItWaitsForNoOther() =>
        Assert.Contains("waits for no other", await RenderAsync(Replica(0)), StringComparison.Ordinal);

    [Fact]
    public async Task Render_HostWithMarkup_StaysText()
    {
        string html = await RenderAsync(Replica(0, (1, 1.0)), new RunReplica { Rank = 1, Host = "<b>\u202E" });
        Assert.Contains("&lt;b&gt;\\u202E", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_ManyReplicas_ShowsThoseThatCostMost()
    {
        var all = Enumerable.Range(0, 200).Select(rank => Replica(rank, (150, 1.0 + rank))).ToArray();
        string html = await RenderAsync(all);
        Assert.Contains("The 32 ranks", html, StringComparison.Ordinal);
        Assert.Contains("for rank 150", html, StringComparison.Ordinal);
        Assert.Equal(32 * 31, html.Split("class=\"cell\"").Length - 1);
    }

    private static RunReplica Replica(int rank, params (int Rank, double Seconds)[] waits) => new()
    {
        Rank = rank, Host = "a", WaitedFor = { waits.Select(wait => new PeerWait { Rank = wait.Rank, Seconds = wait.Seconds }) },
    };

    private static async Task<string> RenderAsync(params RunReplica[] replicas)
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(WaitMatrix.Replicas)] = replicas, [nameof(WaitMatrix.Generation)] = 3L,
            });
            return (await renderer.RenderComponentAsync<WaitMatrix>(parameters)).ToHtmlString();
        });
    }
}
