using Bunit;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Dashboard.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Dashboard.Tests.Pages;

public sealed class NewJobPageTests
{
    [Fact]
    public async Task Text_Typed_IsCheckedAndSubmitted()
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server);
        var job = page.Render<NewJobPage>();
        job.WaitForElement(".problems li"); // the paths of the template are nobody's
        Assert.NotEmpty(job.FindAll(".gutter .wrong"));

        await job.Find("textarea").InputAsync(SpecWriter.Write(await server.SpecAsync()));
        job.WaitForElement(".dry");
        await job.Find("button.primary").ClickAsync();

        Assert.EndsWith("/runs/demo-1", page.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        Assert.Equal("demo-1", Assert.Single((await server.Control.ListRunsAsync(new ListRunsRequest())).Runs).RunId);
    }

    [Fact]
    public async Task Field_Filled_ChangesTheText()
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server);
        var job = page.Render<NewJobPage>();
        await job.Find("[id='field-optimizer.lr']").ChangeAsync("0.25");
        Assert.Contains("optimizer: {lr: 0.25}", job.Find("textarea").GetAttribute("value"), StringComparison.Ordinal);
        Assert.Contains("# Only data.train", job.Find("textarea").GetAttribute("value"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfViewer_IsRefused()
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server, Role.Viewer);
        var job = page.Render<NewJobPage>();
        Assert.Contains("Your role does not allow this", job.Markup, StringComparison.Ordinal);
        Assert.Empty(job.FindAll("textarea"));
    }

    [Fact]
    public async Task Page_OfFork_HasTheRunsSpec()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        await using var page = await OpenPage.OfAsync(server);
        page.Services.GetRequiredService<NavigationManager>().NavigateTo($"/new?from={run}");
        var job = page.Render<NewJobPage>();
        var spec = SpecReader.Read(job.WaitForElement("textarea").GetAttribute("value")!, "spec");
        Assert.Equal((8u, "demo"), (spec.Batch.Global, spec.Name));
        Assert.EndsWith("demo-fork", spec.RunDirectory, StringComparison.Ordinal);
        job.WaitForAssertion( // it has no checkpoint yet
            () => Assert.Contains("no checkpoint", job.Find(".problems").TextContent, StringComparison.Ordinal));
    }
}
