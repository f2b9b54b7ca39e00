using Bunit;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Actions;

namespace ClipDistributed.Dashboard.Tests.Actions;

/// <summary>Actions as a user presses and confirms them.</summary>
public sealed class RunActionsTests
{
    [Fact]
    public async Task Pause_OfOperator_IsAskedFirstAndThenDone()
    {
        await using var server = await DashboardServer.StartAsync();
        string id = await server.SubmitAsync();
        await using var page = await OpenPage.OfAsync(server);
        var actions = Render(page, await server.RunAsync(id, run => run.Reason != ""));

        await Button(actions, "Pause").ClickAsync();
        page.Dialogs.WaitForElement("form.dialog");
        Assert.Contains("stays paused", page.Dialogs.Markup, StringComparison.Ordinal);
        var before = await server.RunAsync(id, _ => true);
        await page.Dialogs.Find("form.dialog").SubmitAsync();

        Assert.Equal(RunState.Pending, before.State); // only the confirmation does it
        await server.RunAsync(id, run => run.State == RunState.Paused);
        page.Dialogs.WaitForAssertion(() => Assert.Empty(page.Dialogs.FindAll("form.dialog")));
    }

    [Fact]
    public async Task Buttons_OfViewer_AreRefusedWithTheReason()
    {
        await using var server = await DashboardServer.StartAsync();
        string id = await server.SubmitAsync();
        await using var page = await OpenPage.OfAsync(server, Role.Viewer);
        var actions = Render(page, await server.RunAsync(id, _ => true));

        foreach (var button in actions.FindAll("button.action"))
        {
            Assert.Equal("true", button.GetAttribute("aria-disabled"));
            Assert.Contains("viewer", actions.Find($"#{button.GetAttribute("aria-describedby")}").TextContent, StringComparison.Ordinal);
        }
        await Button(actions, "Cancel").ClickAsync();
        Assert.Empty(page.Dialogs.FindAll("form.dialog"));
    }

    [Fact]
    public async Task Cancel_OfTwoOfWhichOneHasEnded_LeavesThatOneOut()
    {
        await using var server = await DashboardServer.StartAsync();
        string first = await server.SubmitAsync("one"), second = await server.SubmitAsync("two");
        await server.Control.CancelRunAsync(new CancelRunRequest { RunId = first });
        Run[] runs = [await server.RunAsync(first, run => run.State == RunState.Cancelled), await server.RunAsync(second, _ => true)];
        await using var page = await OpenPage.OfAsync(server);
        var actions = Render(page, runs);

        await Button(actions, "Cancel").ClickAsync();
        page.Dialogs.WaitForElement("form.dialog");
        Assert.Contains("left out", Assert.Single(page.Dialogs.FindAll(".targets .out")).TextContent, StringComparison.Ordinal);
        await page.Dialogs.Find("form.dialog").SubmitAsync();

        await server.RunAsync(second, run => run.State == RunState.Cancelled);
    }

    [Fact]
    public async Task Scale_ThatTheSpecForbids_ShowsWhyAndStaysOpen()
    {
        await using var server = await DashboardServer.StartAsync();
        string id = await server.SubmitAsync();
        await using var page = await OpenPage.OfAsync(server);
        var actions = Render(page, await server.RunAsync(id, run => run.Reason != ""));

        await Button(actions, "Scale").ClickAsync();
        page.Dialogs.WaitForElement("form.dialog");
        await page.Dialogs.FindAll("form.dialog input")[0].ChangeAsync("7");
        await page.Dialogs.FindAll("form.dialog input")[1].ChangeAsync("2");
        await page.Dialogs.Find("form.dialog").SubmitAsync();

        page.Dialogs.WaitForAssertion(
            () => Assert.Contains("min", page.Dialogs.Find("[role=alert]").TextContent, StringComparison.Ordinal));
    }

    private static IRenderedComponent<RunActions> Render(OpenPage page, params Run[] runs) =>
        page.Render<RunActions>(parameters => parameters.Add(one => one.Runs, runs));

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<RunActions> actions, string name) =>
        actions.FindAll("button.action").Single(button => button.TextContent.Trim() == name);
}
