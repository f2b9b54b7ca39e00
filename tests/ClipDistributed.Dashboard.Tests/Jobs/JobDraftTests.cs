using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.Text;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Jobs;

namespace ClipDistributed.Dashboard.Tests.Jobs;

/// <summary>Jobs that are written in the dashboard, against a real coordinator.</summary>
public sealed class JobDraftTests
{
    [Fact]
    public async Task SubmitAsync_ClickedTwice_BeginsOneRun()
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server);
        var draft = new JobDraft(page.Calls, null) { Text = SpecWriter.Write(await server.SpecAsync()) };

        var both = await Task.WhenAll(draft.SubmitAsync(), draft.SubmitAsync());
        var late = await draft.SubmitAsync();

        Assert.All(both.Append(late), one => Assert.Equal(("demo-1", 0), (one.RunId, one.Problems.Count)));
        Assert.Single((await server.Control.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    [Fact]
    public async Task CheckAsync_JobThatCanBeSubmitted_ShowsMemoryAndPlacementAndBeginsNothing()
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server);
        var draft = new JobDraft(page.Calls, null) { Text = SpecWriter.Write(await server.SpecAsync()) };

        var found = await draft.CheckAsync(TestContext.Current.CancellationToken);

        Assert.Empty(found.Problems);
        var valid = found.Validation!;
        Assert.Equal((40, 5, false), (valid.Rows, valid.Steps, valid.Starts));
        Assert.InRange(valid.StreamBytes, 1, valid.ReadBytes);
        Assert.InRange(valid.ReadBytes, 1, valid.StreamBytes * 2); // two streams, at most the whole dataset
        Assert.Equal(2, valid.Streams);
        Assert.NotEqual("", valid.Placement);
        Assert.Empty((await server.Control.ListRunsAsync(new ListRunsRequest())).Runs);
        var audit = await server.Admin.ListAuditEntriesAsync(new ListAuditEntriesRequest());
        Assert.DoesNotContain(audit.Entries, entry => entry.Verb == "SubmitJob"); // it changes nothing, and comes with each pause of typing
    }

    [Theory]
    [InlineData("batch.global", "1")]
    [InlineData("data.train[0].path", "/none")]
    [InlineData("run_directory", "relative")]
    [InlineData("optimizer.lr", "fast")]
    [InlineData("loss", "sofmax")]
    public async Task CheckAsync_WrongValue_HasItsFieldAndLine(string field, string value)
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server);
        string text = SpecText.Set(SpecWriter.Write(await server.SpecAsync()), field, value)!;
        var draft = new JobDraft(page.Calls, null) { Text = text };

        var problem = Assert.Single((await draft.CheckAsync(TestContext.Current.CancellationToken)).Problems);

        Assert.Equal((field, SpecText.LineOf(text, field)), (problem.Field, problem.Line));
        Assert.DoesNotContain("spec:", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_TextThatIsNoYaml_NamesTheLine()
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server);
        var draft = new JobDraft(page.Calls, null) { Text = "name: demo\nbatch: {global: 8\nsamples: 40\n" };
        Assert.Equal(2, Assert.Single((await draft.CheckAsync(TestContext.Current.CancellationToken)).Problems).Line);
    }

    [Fact]
    public async Task OfFork_OfARun_LeavesOutWhatIsThatRunsAlone()
    {
        await using var server = await DashboardServer.StartAsync();
        var spec = await server.SpecAsync();
        spec.Model.InitFrom = "/m";
        spec.Checkpoint = new CheckpointSpec { Location = "s3://bucket/prefix", Keep = 3 };
        var own = SpecReader.Read(JobTemplate.OfFork(spec, "demo-1"), "spec");
        Assert.Equal(("", "", spec.RunDirectory + "-fork"), (own.Model.InitFrom, own.Checkpoint.Location, own.RunDirectory));
        Assert.Equal(spec.Batch, own.Batch);
    }
}
