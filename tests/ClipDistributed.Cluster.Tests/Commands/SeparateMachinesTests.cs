using ClipDistributed.Cli.Tests.Processes;
using ClipDistributed.Cluster.Tests.Namespaces;
using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cluster.Tests.Commands;

/// <summary>A coordinator, two workers and a user on machines of their own, as far as the network goes.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SeparateMachinesTests(ClusterData data)
{
    private const string Coordinator = "http://10.77.0.1:7071";

    [Fact]
    public void Submit_OnAFourthMachine_TrainsOnTwoOthers()
    {
        var expected = data.Alone();
        using var network = Machines(4);
        using var coordinator = StartCoordinator(network, "state-separate");
        using var north = StartWorker(network, machine: 2, "north");
        using var south = StartWorker(network, machine: 3, "south");

        using var submit = Clipd.StartThrough(network.On(4), data.Folder, "submit", "spec.yaml", "--watch", "--coordinator", Coordinator,
            "--set", "replicas={min: 2, max: 2}", "--set", "run_directory=separate");
        var result = submit.Finish();

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.EndsWith($"test-1 succeeded · step 24 of 24 · loss {expected.Steps[^1].Loss:0.000} · {data.Path("separate")}\n", result.Output, StringComparison.Ordinal);
        new RecordedRun(new RunDirectory(data.Path("separate"))).AssertFollows(expected);
        using var list = Clipd.StartThrough(network.On(4), data.Folder, "host", "list", "--coordinator", Coordinator);
        Assert.Equal(["north", "south"], list.Finish().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task Run_OneMachinesCableIsPulled_GoesOnOnTheOther()
    {
        const int steps = 200;
        var directory = new RunDirectory(data.Path("cut"));
        using var network = Machines(3);
        using var coordinator = StartCoordinator(network, "state-cut");
        using var north = StartWorker(network, machine: 2, "north");
        using var south = StartWorker(network, machine: 3, "south");
        using var submit = Clipd.StartThrough(network.On(1), data.Folder, "submit", "spec.yaml", "--watch", "--coordinator", Coordinator,
            "--set", "replicas={min: 1, max: 2}", "--set", "run_directory=cut", "--set", $"samples={64 * steps}");
        submit.WaitFor("2 replicas of 1 thread");
        await LiveCluster.UntilStepAsync(directory, 2);

        network.Cut(3);

        var result = submit.Finish();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("on host south ", result.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, steps).Select(step => (long)step), new RecordedRun(directory).Steps.Select(step => step.Step));
        using var verify = Clipd.StartThrough(network.On(1), data.Folder, "run", "verify", "cut");
        Assert.Contains($"verified {steps} steps: plan digests equal", verify.Finish().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OneMachineReachesOnlyTheCoordinator_GoesOnOnTheOthers()
    {
        const int steps = 200;
        var directory = new RunDirectory(data.Path("parted"));
        using var network = Machines(4);
        using var coordinator = StartCoordinator(network, "state-parted");
        using var north = StartWorker(network, machine: 2, "north");
        using var south = StartWorker(network, machine: 3, "south");
        using var west = StartWorker(network, machine: 4, "west");
        using var submit = Clipd.StartThrough(network.On(1), data.Folder, "submit", "spec.yaml", "--watch", "--coordinator", Coordinator,
            "--set", "replicas={min: 1, max: 3}", "--set", "run_directory=parted", "--set", $"samples={64 * steps}");
        submit.WaitFor("3 replicas of 1 thread");
        await LiveCluster.UntilStepAsync(directory, 40); // by then what a step takes is known

        network.Part(3, 2);
        network.Part(3, 4);

        var result = submit.Finish();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("on host south and 2 of 2 others do not reach each other over the network of the collectives (10.77.0.3:", result.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, steps).Select(step => (long)step), new RecordedRun(directory).Steps.Select(step => step.Step));
        using var verify = Clipd.StartThrough(network.On(1), data.Folder, "run", "verify", "parted");
        Assert.Contains($"verified {steps} steps: plan digests equal", verify.Finish().Output, StringComparison.Ordinal);
        using var show = Clipd.StartThrough(network.On(1), data.Folder, "run", "show", "test-1", "--incidents", "--coordinator", Coordinator);
        Assert.Matches("all 3 replicas waited for each other for 1[0-9] s at step ", show.Finish().Output);
    }

    private static IsolatedNetwork Machines(int count)
    {
        if (IsolatedNetwork.Denied() is { } denied)
            Assert.Skip(denied);
        return new IsolatedNetwork(count);
    }

    private Clipd StartCoordinator(IsolatedNetwork network, string state)
    {
        var coordinator = Clipd.StartThrough(network.On(1), data.Folder, "coordinator", "--listen", "10.77.0.1:7071", "--insecure", "--state", state);
        coordinator.WaitFor($"coordinator: {Coordinator}");
        return coordinator;
    }

    private Clipd StartWorker(IsolatedNetwork network, int machine, string name) =>
        Clipd.StartThrough(network.On(machine), data.Folder, "worker", "--coordinator", Coordinator, "--name", name, "--threads", "1", "--gpus", "none");
}
