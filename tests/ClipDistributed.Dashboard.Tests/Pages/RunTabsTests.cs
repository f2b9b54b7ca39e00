using System.Net;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Tests.Pages;

/// <summary>The tabs of a run before any script runs.</summary>
public sealed partial class RunTabsTests
{
    [Theory]
    [InlineData("replicas", "No replicas now")]
    [InlineData("data", "Proof of the order")]
    [InlineData("checkpoints", "No checkpoints yet")]
    [InlineData("incidents", "No incidents")]
    [InlineData("logs", "No lines yet")]
    [InlineData("logs?text=none", "No such lines")]
    [InlineData("spec", "Resolved spec")]
    [InlineData("none", "There is no such tab")]
    public async Task Tab_OfARunThatWaits_SaysWhatItShows(string tab, string text)
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        using var browser = await server.SignedInAsync(await server.TokenAsync(Role.Viewer));
        using var response = await browser.GetAsync($"/runs/{run}/{tab}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string html = await response.Content.ReadAsStringAsync();
        Assert.Contains(text, html, StringComparison.Ordinal);
        Assert.DoesNotMatch(Handler(), html);
        Assert.All(Script().Matches(html), script => Assert.Contains("src=\"/assets/", script.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Spec_OfARun_IsItsYamlAndWhatDiffers()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        using var browser = await server.SignedInAsync(server.Token);
        string html = await browser.GetStringAsync($"/runs/{run}/spec");
        Assert.Contains("shuffle_block: 6", html, StringComparison.Ordinal);
        Assert.Contains("data.shuffle_block", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<bdi>optimizer.beta1</bdi>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_LineWithMarkup_StaysText()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        await server.LogAsync(run, "<img src=x onerror=alert(1)> \u001b[31mred \u202Egnp.exe", "second line");
        using var browser = await server.SignedInAsync(server.Token);
        string html = await browser.GetStringAsync($"/runs/{run}/logs");
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt; \\u001B[31mred \\u202Egnp.exe", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', html);
        Assert.DoesNotContain('\u202e', html);
    }

    [Fact]
    public async Task Logs_AddressWithAFilter_ShowsThoseLines()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        await server.LogAsync(run, "first line", "second line", "third line");
        using var browser = await server.SignedInAsync(server.Token);
        string second = await browser.GetStringAsync($"/runs/{run}/logs?text=SECOND");
        Assert.Contains("second line", second, StringComparison.Ordinal);
        Assert.DoesNotContain("first line", second, StringComparison.Ordinal);
        string before = await browser.GetStringAsync($"/runs/{run}/logs?before=3");
        Assert.Contains("second line", before, StringComparison.Ordinal);
        Assert.DoesNotContain("third line", before, StringComparison.Ordinal);
        Assert.Contains("Newest lines", before, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.Operator, true)]
    public async Task Checkpoints_ByRole_CanBeActedOnOrReadAlone(Role role, bool acts)
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        server.Save(run, attempt: 1, step: 2);
        using var browser = await server.SignedInAsync(await server.TokenAsync(role));
        string html = await browser.GetStringAsync($"/runs/{run}/checkpoints");
        Assert.Contains($"/new?from={run}%402", html, StringComparison.Ordinal);
        string table = html[html.IndexOf("list checkpoints", StringComparison.Ordinal)..]; // the head has actions of the run
        foreach (string action in (string[])["Pin", "Roll back", "Delete"])
            Assert.Equal((action, acts), (action, table.Contains($">{action}</button>", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task File_OfARun_IsSavedAndRunsNothing()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        await File.WriteAllTextAsync(Path.Combine(server.RunDirectory(run), "report.html"), "<script>alert(1)</script>");
        using var browser = await server.SignedInAsync(await server.TokenAsync(Role.Viewer));
        using var response = await browser.GetAsync($"/runs/{run}/files/report.html");
        Assert.Equal("<script>alert(1)</script>", await response.Content.ReadAsStringAsync());
        Assert.Equal("sandbox", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        var disposition = response.Content.Headers.ContentDisposition;
        Assert.Equal(("attachment", "report.html"), (disposition?.DispositionType, disposition?.FileName?.Trim('"')));
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("none.txt")]
    [InlineData("..%2F..%2Fstate%2Ftoken")]
    [InlineData("logs/replicas/demo-1-r1.jsonl")]
    public async Task File_ThatIsNoArtefact_IsNotThere(string name)
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        await server.LogAsync(run, "a line");
        using var browser = await server.SignedInAsync(server.Token);
        using var response = await browser.GetAsync($"/runs/{run}/files/{name}");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task File_WithoutSession_IsNotSent()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        using var browser = server.Browser();
        using var response = await browser.GetAsync($"/runs/{run}/files/spec.yaml");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.StartsWith("/sign-in", response.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
    }

    [GeneratedRegex("<script[^>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex Script();

    [GeneratedRegex("<[^>]+\\son[a-z]+=", RegexOptions.IgnoreCase)]
    private static partial Regex Handler();
}
