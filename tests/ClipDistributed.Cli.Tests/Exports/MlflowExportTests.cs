using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Exports;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Cli.Tests.Exports;

public sealed class MlflowExportTests : IAsyncLifetime
{
    private readonly WrittenRun written = new();
    private ScriptedMlflow server = null!;

    public async ValueTask InitializeAsync() => server = await ScriptedMlflow.StartAsync();

    public ValueTask DisposeAsync()
    {
        written.Dispose();
        return server.DisposeAsync();
    }

    [Fact]
    public async Task Run_FinishedRun_HasAllValuesParametersAndItsEnd()
    {
        written.Steps(1, 3);
        written.Add(new RunRecord { Evaluation = new EvaluationMetrics { Step = 3, Source = "held out", Top1 = 0.75, Count = 4 } }, 4);
        written.Save(finished: true);

        var result = await ExportAsync();

        var run = Assert.Single(server.Runs);
        Assert.Equal(["clipd"], server.Experiments);
        Assert.Equal(("demo-1", "FINISHED"), (run.Name, run.Status));
        Assert.Equal(("8", "tiny", "17"), (run.Parameters["batch.global"], run.Parameters["model.preset"], run.Parameters["parameters"]));
        Assert.Equal([(1, 2), (2, 3), (3, 4)], Values(run, "loss"));
        Assert.Equal([(1, 0.25), (2, 0.25), (3, 0.25)], Values(run, "split.forward"));
        Assert.Equal([(3, 0.75)], Values(run, "zeroshot.held_out.top1"));
        Assert.DoesNotContain(run.Metrics, one => one.Key == "zeroshot.held_out.top5"); // it has none
        long began = new DateTimeOffset(2026, 1, 31, 8, 15, 30, TimeSpan.Zero).ToUnixTimeMilliseconds();
        Assert.Equal((began + 1000, began + 4000), (run.Metrics[0].Timestamp, run.Ended));
        Assert.Equal((4, run.Metrics.Count), (result.Lines, (int)result.Values));
    }

    [Fact]
    public async Task Run_Again_SendsNothingTwice()
    {
        written.Steps(1, 3);
        await ExportAsync();
        int before = server.Runs[0].Metrics.Count;
        Assert.Equal((3, 0, 0L), Of(await ExportAsync()));
        written.Steps(4, 5);
        File.AppendAllText(written.Directory.Metrics, "{\"kind\":\"step\",\"st"); // the run writes just now
        Assert.Equal((3, 2), (await ExportAsync()) is var more ? (more.Skipped, more.Lines) : default);

        var run = Assert.Single(server.Runs);
        Assert.Equal([1, 2, 3, 4, 5], Values(run, "loss").Select(value => value.Step));
        Assert.Equal(before / 3 * 5, run.Metrics.Count);
        Assert.Equal("RUNNING", run.Status);
    }

    [Fact]
    public async Task Run_ThatWentBackToACheckpoint_SendsWhatCameAfter()
    {
        written.Steps(1, 4);
        await ExportAsync();
        written.KeepLines(2);
        for (int step = 3; step <= 5; step++)
            written.Add(new RunRecord { Step = new StepMetrics { Step = step, Loss = 100 } }, 10 + step);
        await ExportAsync();

        Assert.Equal([(1, 2), (2, 3), (3, 4), (4, 5), (3, 100), (4, 100), (5, 100)], Values(Assert.Single(server.Runs), "loss"));
    }

    [Fact]
    public async Task Run_ManySteps_ComeInBatchesThatTheServerTakes()
    {
        written.Steps(1, 300);
        await ExportAsync();
        Assert.Equal(Enumerable.Range(1, 300).Select(step => (long)step), Values(server.Runs[0], "loss").Select(value => value.Step));
        Assert.InRange(server.Batches, 2, 100);
    }

    [Fact]
    public async Task Run_ServerThatFailsOnTheWay_IsGoneOnWith()
    {
        written.Steps(1, 300);
        server.FailAfter = 6; // amid the batches
        var failed = await Assert.ThrowsAsync<CoordinatorException>(() => ExportAsync());
        Assert.Equal(Contracts.Processes.ExitCodes.Unavailable, failed.ExitCode);
        int sent = server.Runs[0].Metrics.Count;
        Assert.InRange(sent, 1, Values(server.Runs[0], "lr").Count * 40);
        server.FailAfter = null;
        var result = await ExportAsync();

        Assert.True(result.Skipped > 0);
        Assert.Equal(
            Enumerable.Range(1, 300).Select(step => (long)step), Values(Assert.Single(server.Runs), "loss").Select(one => one.Step));
    }

    [Fact]
    public async Task Run_ServerThatFailsBeforeTheParameters_GetsThemNext()
    {
        written.Steps(1, 1);
        server.FailAfter = 4; // the run was made
        await Assert.ThrowsAsync<CoordinatorException>(() => ExportAsync());
        Assert.Empty(Assert.Single(server.Runs).Parameters);
        server.FailAfter = null;
        await ExportAsync();
        Assert.Equal("8", Assert.Single(server.Runs).Parameters["batch.global"]);
    }

    [Fact]
    public async Task Run_NonFiniteValues_AreLeftOutAndCounted()
    {
        written.Add(new RunRecord { Step = new StepMetrics { Step = 1, Loss = double.NaN, GradNorm = double.PositiveInfinity } }, 1);
        Assert.Equal(2, (await ExportAsync()).NonFinite);
        Assert.DoesNotContain(server.Runs[0].Metrics, one => one.Key is "loss" or "grad_norm");
    }

    [Fact]
    public async Task Run_EveryTenthStep_KeepsEvaluations()
    {
        written.Steps(1, 25);
        written.Add(new RunRecord { Evaluation = new EvaluationMetrics { Step = 25, Source = "v", Top1 = 0.5 } }, 26);
        await ExportAsync(every: 10);
        Assert.Equal([10, 20], Values(server.Runs[0], "loss").Select(value => value.Step));
        Assert.Single(Values(server.Runs[0], "zeroshot.v.top1"));
    }

    [Fact]
    public async Task Run_TokenOfTheServer_IsNeeded()
    {
        written.Steps(1, 1);
        server.Token = "t0k3n";
        var refused = await Assert.ThrowsAsync<BadInputException>(() => ExportAsync());
        Assert.Contains(MlflowServer.TokenOption, Assert.Single(refused.Errors), StringComparison.Ordinal);
        await ExportAsync(token: "t0k3n");
        Assert.Single(server.Runs);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("localhost:5000", null)]
    [InlineData("http://ann:secret@a:5000", null)]
    [InlineData("http://example.org:5000", "secret")]
    [InlineData("https://example.org", "secret token")]
    [InlineData("https://example.org", "")]
    public void Server_Mistake_IsOneLineThatShowsNoSecret(string? url, string? token)
    {
        string line = Assert.Single(Assert.Throws<BadInputException>(() => MlflowServer.Of(url, token)).Errors);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithoutSteps_IsRefused() =>
        Assert.Contains("no step", Assert.Single((await Assert.ThrowsAsync<BadInputException>(() => ExportAsync())).Errors));

    private async Task<ExportResult> ExportAsync(int every = 1, string? token = null)
    {
        using var client = new MlflowClient(MlflowServer.Of(server.Address, token), TimeProvider.System);
        var run = new ExportedRun("demo-1", ExportedFiles.Of(written.Directory), RunState.Unspecified);
        return await new MlflowExport(client, run).RunAsync("clipd", every, TestContext.Current.CancellationToken);
    }

    private static (int, int, long) Of(ExportResult result) => (result.Skipped, result.Lines, result.Values);

    private static List<(long Step, double Value)> Values(MlflowRun run, string key) =>
        [.. run.Metrics.Where(one => one.Key == key).Select(one => (one.Step, one.Value))];
}
