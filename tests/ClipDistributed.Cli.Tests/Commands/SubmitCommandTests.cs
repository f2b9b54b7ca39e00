using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Processes;
using Grpc.Core;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd submit</c>.</summary>
public sealed class SubmitCommandTests
{
    [Fact]
    public async Task Submit_TheFirstStandsBy_GoesToTheOneThatLeads()
    {
        await using var standby = await ScriptedControl.StartAsync();
        standby.Refusal = new RpcException(
            new Status(StatusCode.Unavailable, "this coordinator stands by"),
            new Metadata { { CoordinatorAddresses.NotServed, "1" } }
        );
        await using var leader = await ScriptedControl.StartAsync();
        string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), "name: demo\ndata: {train: [{path: data/train}]}\n");

        var result = Clipd.Run(folder, "submit", "spec.yaml", "--coordinator", $"{standby.Address},{leader.Address}");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal((null, "demo"), (standby.Submitted, leader.Submitted!.Spec.Name));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Submit_ConnectionBreaks_IsRepeatedUnderTheSameId()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.BrokenSubmits = 1;
        var result = await SubmitAsync(control);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("trying again", result.Errors, StringComparison.Ordinal);
        Assert.Equal(2, control.RequestIds.Count);
        Assert.Single(control.RequestIds.Distinct());
        Assert.True(Guid.TryParse(control.RequestIds[0], out _));
        await SubmitAsync(control, "--request-id", "mine");
        await SubmitAsync(control);
        Assert.Equal("mine", control.RequestIds[2]);
        Assert.Equal(3, control.RequestIds.Distinct().Count());
    }

    [Fact]
    public async Task Submit_ValidateOnly_PrintsWhatWouldBecomeOfIt()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Validation.Spec = new TrainingSpec
        {
            Name = "demo",
            Batch = new BatchSpec { Global = 8 },
            Limits = new LimitsSpec { ReadAheadBytes = 1 << 30 },
        };
        control.Validation.Placement = "needs at least 2 devices";
        var result = await SubmitAsync(control, "--validate-only");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.True(control.Submitted!.ValidateOnly);
        Assert.Equal(
            """
            demo can be submitted: 40 pairs, 5 steps of 8
            reading takes up to 3 MiB of memory in each replica; limits.read_ahead_bytes allows 1 GiB
            it would wait: needs at least 2 devices

            """,
            result.Output);
        var both = await SubmitAsync(control, "--validate-only", "--watch");
        Assert.Equal(2, both.ExitCode);
        Assert.Equal(2, (await SubmitAsync(control, "--watch", "-o", "json")).ExitCode);
    }

    private static async Task<ClipdResult> SubmitAsync(ScriptedControl control, params string[] options)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("spec.yaml"), "name: demo\ndata: {train: [{path: data/train}]}\n");
        return await Task.Run(() => Clipd.Run(folder.Path, ["submit", "spec.yaml", "--coordinator", control.Address, .. options]));
    }

    [Fact]
    public async Task Submit_RelativePaths_AreSentAsThisFolders()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.State = RunState.Pending;
        control.Run.Reason = "no host is connected";
        string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), "name: demo\ndata: {train: [{path: data/train}]}\n");

        var result = Clipd.Run(folder, "submit", "spec.yaml", "--set", "seed=7", "--resume", "--coordinator", control.Address);

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal(
            "replicas.max is ignored\nsubmitted demo as run demo-1\npending: no host is connected\nwatch it: clipd run watch demo-1\n",
            result.Output
        );
        Assert.True(control.Submitted!.Resume);
        Assert.Equal(7u, control.Submitted.Spec.Seed);
        Assert.Equal(Path.Combine(folder, "data", "train"), control.Submitted.Spec.Data.Train[0].Path);
        Assert.Equal(Path.Combine(folder, "runs", "demo"), control.Submitted.Spec.RunDirectory);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("demo-1@7", "demo-1", 7)]
    [InlineData("demo-1", "demo-1", 0)]
    public async Task Submit_FromARun_SendsOnlyTheChanges(string from, string runId, long step)
    {
        await using var control = await ScriptedControl.StartAsync();
        string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        string[] changes = ["--set", "run_directory=lower", "--set", "optimizer.lr=0.5"];
        var result = Clipd.Run(folder, ["submit", "--from", from, .. changes, "--coordinator", control.Address]);

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        var sent = control.Submitted!;
        Assert.Equal((runId, step, 0.5), (sent.From.RunId, sent.From.Step, sent.Spec.Optimizer.Lr));
        Assert.Equal((Path.Combine(folder, "lower"), ""), (sent.Spec.RunDirectory, sent.Spec.Name));
        Assert.Null(sent.Spec.Data);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--watch", "error: spec is missing; name a spec file, or a run with --from.")]
    [InlineData("--from demo-1@last", "error: --from is 'demo-1@last'; write RUN or RUN@STEP, as in demo-1@1200.")]
    [InlineData("--from demo-1 --resume", "error: --from begins a new run and --resume goes on with one; leave one of them out.")]
    public void Submit_NothingToBeginWith_IsRefused(string arguments, string expected)
    {
        var refused = Clipd.Run(Path.GetTempPath(), ["submit", .. arguments.Split(' ')]);
        Assert.Equal((2, expected), (refused.ExitCode, refused.ErrorLines[0]));
    }
}
