using System.Net;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Tests.Pages;

/// <summary>What a browser gets, before any script runs.</summary>
public sealed partial class PagesTests
{
    [Fact]
    public async Task Pages_OfSignedIn_AllowNoScriptButFilesOfThisSite()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        using var browser = await server.SignedInAsync(server.Token);
        string[] paths =
        [
            "/", "/hosts", $"/runs/{run}", $"/runs/{run}/charts", $"/runs/{run}/predictions", $"/runs/{run}/try", "/sign-in",
            "/runs/none-1", "/new", $"/new?from={run}", "/compare", $"/compare?runs={run},none-1",
            "/settings", "/settings/tokens", "/settings/audit",
        ];
        foreach (string path in paths)
        {
            using var response = await browser.GetAsync(path);
            string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            string html = await response.Content.ReadAsStringAsync();
            Assert.All(Script().Matches(html), script => Assert.Contains("src=\"/assets/", script.Value, StringComparison.Ordinal));
            Assert.DoesNotMatch(Handler(), html);
        }
    }

    [Fact]
    public async Task Files_OfPages_AreThereAndCanBeKept()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = server.Browser();
        var files = File().Matches(await browser.GetStringAsync("/sign-in")).Select(match => match.Groups[1].Value).ToList();
        Assert.True(files.Count >= 6, string.Join(' ', files));
        foreach (string file in files.Concat(["/assets/charts.js?v=1", "/assets/compare.js?v=1", "/assets/echarts.common.min.js?v=1"]))
        {
            using var response = await browser.GetAsync(file);
            Assert.Equal((file, HttpStatusCode.OK), (file, response.StatusCode));
            Assert.Contains("immutable", $"{response.Headers.CacheControl}", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Runs_WithoutRuns_SaysHowToBegin()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = await server.SignedInAsync(server.Token);
        Assert.Contains("No runs yet", await browser.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("No hosts yet", await browser.GetStringAsync("/hosts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_OfViewer_ShowStateAndReason()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        string reason = HtmlEncoder.Default.Encode(await server.ReasonAsync(run));
        using var browser = await server.SignedInAsync(await server.TokenAsync(Role.Viewer));
        foreach (string path in (string[])["/", $"/runs/{run}"])
        {
            string page = await browser.GetStringAsync(path);
            Assert.Contains(run, page, StringComparison.Ordinal);
            Assert.Contains("pending", page, StringComparison.Ordinal);
            Assert.Contains(reason, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Run_ThatIsNot_LooksLikeNothingElse()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = await server.SignedInAsync(server.Token);
        Assert.Contains("There is nothing here", await browser.GetStringAsync("/runs/none-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_WithMarkup_StaysText()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = await server.SignedInAsync(await server.TokenAsync(Role.Viewer, "<script>alert(1)</script>"));
        string page = await browser.GetStringAsync("/");
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    public async Task Circuit_WithoutSessionOrOfAnotherSite_IsRefused(string? origin, HttpStatusCode status)
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = origin is null ? server.Browser() : await server.SignedInAsync(server.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using var response = await browser.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Json_WithCookieAlone_NeedsItsToken()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = await server.SignedInAsync(server.Token);
        using var response = await browser.GetAsync("/v1/runs");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Page_AtTheAddressOfGrpc_IsNone()
    {
        await using var server = await DashboardServer.StartAsync();
        using var client = new HttpClient
        {
            DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await client.GetAsync($"{server.GrpcAddress}/sign-in");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [GeneratedRegex("<script[^>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex Script();

    [GeneratedRegex("<[^>]+\\son[a-z]+=", RegexOptions.IgnoreCase)]
    private static partial Regex Handler();

    [GeneratedRegex("(?:src|href)=\"(/assets/[^\"]+)\"")]
    private static partial Regex File();
}
