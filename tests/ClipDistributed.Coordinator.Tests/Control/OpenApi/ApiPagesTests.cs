using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Control.OpenApi;

public sealed partial class ApiPagesTests
{
    [Fact]
    public async Task Docs_InABrowser_NeedsNothingFromElsewhere()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        using var client = new HttpClient { BaseAddress = new Uri(coordinator.HttpAddress) };
        using var page = await client.GetAsync("/docs");
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        string html = await page.Content.ReadAsStringAsync();
        string[] links = [.. Links().Matches(html).Select(link => link.Groups[1].Value).Distinct()];
        Assert.Equal(["/docs/docs.css", "/docs/docs.js", "/openapi.json"], links.Order());
        foreach (string link in links)
        {
            using var found = await client.GetAsync(link);
            Assert.Equal((link, HttpStatusCode.OK), (link, found.StatusCode));
            Assert.DoesNotContain("http://", await found.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal("3.1.1", (string)JsonNode.Parse(await client.GetStringAsync("/openapi.json"))!["openapi"]!);
    }

    /// <summary>A foreign name that was made to lead here reads no description either.</summary>
    [Fact]
    public async Task Docs_UnderAForeignName_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        using var client = new HttpClient { BaseAddress = new Uri(coordinator.HttpAddress) };
        foreach (string path in (string[])["/docs", "/openapi.json"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "evil.example" } };
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [GeneratedRegex("(?:href|src)=\"(/[^\"]*)\"")]
    private static partial Regex Links();
}
