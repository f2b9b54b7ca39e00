using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Commands;

/// <summary><c>clipd train --replicas</c>: what it starts, it ends.</summary>
[Collection(ClusterCollection.Name)]
public sealed class TrainReplicasTests(ClusterData data)
{
    private const int SigInt = 2;

    [Fact]
    public void Train_ThreeReplicas_FollowsOneAndReports()
    {
        var result = Finish("three");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.True(File.Exists(data.Path("three", "report.html")));
        Assert.True(File.Exists(data.Path("three", "coordinator", "coordinator.db")));
        Assert.False(File.Exists(data.Path("three", "coordinator", "token")));
        Recorded("three").AssertFollows(data.Alone());
        var verified = Clipd.Run(data.Folder, "run", "verify", "three", "--content", "--against", data.Alone().Directory.Root);
        Assert.Equal((0, ""), (verified.ExitCode, verified.Errors));
    }

    [Fact]
    public void Train_Interrupted_SavesAndResumeFinishesTheAttempt()
    {
        // On a busy machine the signal takes a while: more steps than others. As of DrainTests: computed alone once.
        const string Samples = "samples=3840";
        using (var clipd = Start("interrupted", "--set", Samples))
        {
            clipd.WaitForRecord("step", step: 3);
            clipd.Signal(SigInt);
            Assert.Equal(130, clipd.Finish().ExitCode);
        }

        Assert.Equal(0, Finish("interrupted", "--resume", "--set", Samples).ExitCode);

        Assert.Single(Recorded("interrupted").Attempts);
        Recorded("interrupted").AssertFollows(data.Alone(Samples));
    }

    [Fact]
    public void Train_Killed_LeavesNoProcessAndCanBeResumed()
    {
        using (var clipd = Start("killed", "--set", "checkpoint.every_steps=4"))
        {
            clipd.WaitForRecord("checkpoint");
            var processes = ProcessTree.Descendants(clipd.Id);
            Assert.Equal(
                ["clipd", "clipd", "clipd-replica", "clipd-replica", "clipd-replica"],
                processes.Select(process => process.Name).Order()
            );
            clipd.Kill();
            Assert.All(processes, ProcessTree.AssertEnds);
        }

        var resumed = Finish("killed", "--resume");

        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Errors));
        Recorded("killed").AssertFollows(data.Alone());
    }

    private Clipd Start(string run, params string[] more) =>
        Clipd.Start(
            data.Folder,
            ["train", "spec.yaml", "--replicas", "3", "--threads", "1", "--json", "--set", $"run_directory={run}", .. more]
        );

    private ClipdResult Finish(string run, params string[] more)
    {
        using var clipd = Start(run, more);
        return clipd.Finish();
    }

    private RecordedRun Recorded(string run) => new(new RunDirectory(data.Path(run)));
}
