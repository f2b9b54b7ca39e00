using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
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
}
