using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>A host on which no replica lives long.</summary>
[Collection(ClusterCollection.Name)]
public sealed class QuarantineTests(ClusterData data)
{
    // The pause before the second replica takes a second: the run goes on for longer. As of ForgedCallsTests: computed alone once.
    private const string Steps = "samples=9600";

    [Fact]
    public async Task Replicas_OfOneHostCrashAgainAndAgain_ItIsQuarantinedAndTheRunGoesOnElsewhere()
    {
        var spec = data.Spec(Steps);
        await using var cluster = await LiveCluster.StartAsync(options => options with { QuarantineAfter = 2 }, 1);
        string program = data.Path("crashes");
        await File.WriteAllTextAsync(program, "#!/bin/sh\nread -r request\nkill -SEGV $$\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await cluster.AddHostAsync("b", slots: 1, program);
        string runId = await cluster.SubmitAsync(spec, replicas: 2);

        await cluster.Log.WaitAsync("HostQuarantined", ("HostId", "b"));
        var list = Clipd.Run(data.Folder, "host", "list", "--coordinator", cluster.Address, "--token-file", cluster.TokenFile);
        var run = await cluster.FinishAsync(runId, new(spec.RunDirectory));

        Assert.Equal((RunState.Succeeded, 1), (run.State, run.Generation));
        ClusterData.Recorded(spec).AssertFollows(data.Alone(Steps));
        Assert.Equal(
            ["ready", "quarantined"],
            list.Output.Split('\n').Skip(1).Take(2).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])
        );
        Assert.Contains("SIGSEGV", list.Output, StringComparison.Ordinal);
    }
}
