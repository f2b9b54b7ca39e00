using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Hosts that leave in good order: no step is computed twice, and no state is lost.</summary>
[Collection(ClusterCollection.Name)]
public sealed class DrainTests(ClusterData data)
{
    private const int SigTerm = 15;
    private const string Samples = "samples=3840"; // 60 steps

    [Fact]
    public async Task Drain_OneHostOfTwo_ItsReplicaLeavesAndNoStepIsRecomputed()
    {
        var spec = data.Spec(Samples);
        var expected = data.Alone(Samples);
        await using var cluster = await LiveCluster.StartAsync(1, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 2);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), 4);

        var drained = Clipd.Run(data.Folder, "host", "drain", "b", "--coordinator", cluster.Address, "--token-file", cluster.TokenFile);
        await cluster.Log.WaitAsync("ReplicaEnded", ("ReplicaId", $"{runId}-r2"));
        var list = Clipd.Run(data.Folder, "host", "list", "--coordinator", cluster.Address, "--token-file", cluster.TokenFile);
        var run = await cluster.FinishAsync(runId, new(spec.RunDirectory));

        Assert.Equal(
            (
                0,
                "b is drained: its replicas leave at the next step boundary, those that a run needs for replicas.min once others take "
                    + "their place; clipd host list shows when they have\n"
            ),
            (drained.ExitCode, drained.Output)
        );
        Assert.Equal(
            ["ready", "drained"],
            list.Output.Split('\n').Skip(1).Take(2).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])
        );
        Assert.Equal((RunState.Succeeded, 2), (run.State, run.Generation));
        var recorded = ClusterData.Recorded(spec);
        recorded.AssertFollows(expected);
        Assert.Single(recorded.Attempts);
        // No replica failed, so no step was begun in vain.
        Assert.DoesNotContain(cluster.Log.Events, logged => logged.Is("ReplicaFailed"));
        recorded.AssertIncident("host drained", "b", $"{runId}-r2");
    }

    /// <summary>Its replica waits for another host that could take the state over; when the grace period is half over, the run saves and
    /// stops.</summary>
    [Fact]
    public async Task Terminate_TheOnlyWorker_TheRunSavesAndCanBeResumed()
    {
        var expected = data.Alone(Samples);
        using var coordinator = Clipd.Start(
            data.Folder,
            "coordinator",
            "--listen",
            "127.0.0.1:0",
            "--state",
            "state-terminated",
            "--exit-with-parent"
        );
        string address = coordinator.LineWith("coordinator: ")["coordinator: ".Length..];
        using var worker = Worker(address, "--drain-seconds", "20");
        using var submit = Submit(address);
        submit.WaitFor("1 replica of 1 thread");
        await LiveCluster.UntilStepAsync(new(data.Path("terminated")), 4);

        worker.Signal(SigTerm);
        var stopped = submit.Finish();
        var ended = worker.Finish();

        Assert.Equal(75, stopped.ExitCode);
        Assert.Contains("host only ends soon and no other replica holds the state", stopped.Output, StringComparison.Ordinal);
        Assert.Equal(0, ended.ExitCode);
        using var next = Worker(address);
        using var again = Submit(address, "--resume");
        var resumed = again.Finish();
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Errors));
        var recorded = new RecordedRun(new RunDirectory(data.Path("terminated")));
        Assert.Single(recorded.Attempts);
        recorded.AssertFollows(expected);
    }

    private Clipd Worker(string address, params string[] more) =>
        Clipd.Start(
            data.Folder,
            [
                "worker", "--coordinator", address, "--token-file", "state-terminated/token", "--name", "only", "--threads", "1",
                "--gpus", "none", .. more,
            ]
        );

    private Clipd Submit(string address, params string[] more) =>
        Clipd.Start(
            data.Folder,
            [
                "submit", "spec.yaml", "--watch", "--coordinator", address, "--token-file", "state-terminated/token",
                "--set", "run_directory=terminated", "--set", Samples, .. more,
            ]
        );
}
