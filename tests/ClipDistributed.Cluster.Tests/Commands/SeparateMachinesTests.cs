using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Networks;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Commands;

/// <summary>A coordinator, two workers and a user on machines of their own, as far as the network goes.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SeparateMachinesTests(ClusterData data)
{
    private const string Coordinator = "http://10.77.0.1:7071";
    // Of runs to which something happens; more where those beyond a cut go on with each other, for the 64 steps that they were assigned.
    private const int Steps = 100, More = 400;

    private string tokenFile = ""; // of an admin

    /// <summary>With mutual TLS, by the files that <c>clipd certs init</c> makes.</summary>
    [Fact]
    public void Submit_OnAFourthMachine_TrainsOnTwoOthers()
    {
        var expected = data.Alone();
        Assert.Equal(0, Clipd.Run(data.Folder, "certs", "init", "certs", "--name", IsolatedNetwork.Address(1)).ExitCode);
        string address = Coordinator.Replace("http:", "https:", StringComparison.Ordinal);
        string[] user = ["--coordinator", address, "--ca", "certs/ca.pem"];
        string[] worker =
            ["--coordinator", address, "--ca", "certs/ca.pem", "--client-cert", "certs/client.pem", "--client-key", "certs/client.key"];
        using var network = Machines(4);
        tokenFile = data.Path("state-separate", "token");
        using var coordinator = Clipd.StartThrough(On(network, 1), data.Folder, "coordinator", "--listen", "10.77.0.1:7071", "--state",
            "state-separate", "--cert", "certs/server.pem", "--key", "certs/server.key", "--client-ca", "certs/ca.pem");
        coordinator.WaitFor($"coordinator: {address}");
        using var north = StartWorker(network, machine: 2, "north", worker);
        using var south = StartWorker(network, machine: 3, "south", worker);

        using var submit = Clipd.StartThrough(On(network, 4), data.Folder,
            ["submit", "spec.yaml", "--watch", .. user, "--set", "replicas={min: 2, max: 2}", "--set", "run_directory=separate"]);
        var result = submit.Finish();

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.EndsWith(
            $"test-1 succeeded · step 24 of 24 · last step's loss {expected.Steps[^1].Loss:0.000} · {data.Path("separate")}\n",
            result.Output,
            StringComparison.Ordinal
        );
        new RecordedRun(new RunDirectory(data.Path("separate"))).AssertFollows(expected);
        using var list = Clipd.StartThrough(On(network, 4), data.Folder, ["host", "list", .. user]);
        Assert.Equal(
            ["north", "south"],
            list.Finish().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(' ')[0])
        );
    }

    [Theory]
    [InlineData(2, "north")] // whose replica writes, and holds the run directory's lock
    [InlineData(3, "south")]
    public async Task Run_OneMachinesCableIsPulled_GoesOnOnTheOther(int machine, string name)
    {
        var directory = new RunDirectory(data.Path($"cut-{name}"));
        using var network = Machines(3);
        using var coordinator = StartCoordinator(network, $"state-cut-{name}");
        using var north = StartWorker(network, machine: 2, "north");
        using var south = StartWorker(network, machine: 3, "south");
        using var submit = Submit(network, directory, "replicas={min: 1, max: 2}");
        submit.WaitFor("2 replicas of 1 thread");
        await LiveCluster.UntilStepAsync(directory, 2);

        network.Cut(machine);

        var result = submit.Finish();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(new RecordedRun(directory).Incidents, incident => incident.Hosts.Contains(name));
        AssertWhole(network, directory);
    }

    /// <summary>Beyond the cut they go on with each other, and have the run directory still.</summary>
    [Fact]
    public async Task Run_AllReplicasBehindACutCable_GoesOnElsewhereAndTheyWriteNoMore()
    {
        var directory = new RunDirectory(data.Path("cut-all"));
        using var network = Machines(3);
        using var coordinator = StartCoordinator(network, "state-cut-all");
        using var north = StartWorker(network, machine: 2, "north", "--slots", "2");
        using var south = StartWorker(network, machine: 3, "south");
        using var submit = Submit(network, directory, "replicas={min: 1, max: 2}", "checkpoint={every_steps: 10}", $"samples={64 * More}");
        submit.WaitFor("2 replicas of 1 thread");
        await LiveCluster.UntilStepAsync(directory, 15);

        network.Cut(2);

        var result = submit.Finish();
        Assert.Equal(0, result.ExitCode);
        var run = new RecordedRun(directory);
        Assert.Equal(2, run.Attempts.Count);
        Assert.Equal(0, run.Attempts[1].FromStep % 10);
        AssertWhole(network, directory, More);
    }

    [Fact]
    public async Task Run_OneMachineReachesOnlyTheCoordinator_GoesOnOnTheOthers()
    {
        var directory = new RunDirectory(data.Path("parted"));
        using var network = Machines(4);
        using var coordinator = StartCoordinator(network, "state-parted");
        using var north = StartWorker(network, machine: 2, "north");
        using var south = StartWorker(network, machine: 3, "south");
        using var west = StartWorker(network, machine: 4, "west");
        using var submit = Submit(network, directory, "replicas={min: 1, max: 3}");
        submit.WaitFor("3 replicas of 1 thread");
        await LiveCluster.UntilStepAsync(directory, 20); // by then what a step takes is known

        network.Part(3, 2);
        network.Part(3, 4);

        var result = submit.Finish();
        Assert.Equal(0, result.ExitCode);
        new RecordedRun(directory).AssertIncident("group broken", "south", IsolatedNetwork.Address(3));
        AssertWhole(network, directory);
        using var show = Clipd.StartThrough(
            On(network, 1),
            data.Folder,
            "run",
            "show",
            "test-1",
            "--incidents",
            "--coordinator",
            Coordinator
        );
        Assert.Matches(@"\b3 replicas .*\b1[0-9] s\b", show.Finish().Output);
    }

    private static IsolatedNetwork Machines(int count)
    {
        if (IsolatedNetwork.Denied() is { } denied)
            Assert.Skip(denied);
        return new IsolatedNetwork(count);
    }

    private Clipd StartCoordinator(IsolatedNetwork network, string state)
    {
        tokenFile = Path.Combine(data.Path(state), "token");
        var coordinator = Clipd.StartThrough(
            On(network, 1),
            data.Folder,
            "coordinator",
            "--listen",
            "10.77.0.1:7071",
            "--insecure",
            "--state",
            state
        );
        coordinator.WaitFor($"coordinator: {Coordinator}");
        return coordinator;
    }

    /// <summary>Whose users reach the world outside through a proxy: nothing here is to go there.</summary>
    private string[] On(IsolatedNetwork network, int machine) =>
        [.. network.On(machine), "env", "http_proxy=http://10.77.0.99:3128", $"CLIPD_TOKEN_FILE={tokenFile}"];

    private Clipd StartWorker(IsolatedNetwork network, int machine, string name, params string[] options) =>
        Clipd.StartThrough(
            On(network, machine),
            data.Folder,
            [
                "worker", "--name", name, "--threads", "1", "--gpus", "none",
                .. options.Contains("--coordinator") ? [] : (string[])["--coordinator", Coordinator], .. options,
            ]
        );

    private Clipd Submit(IsolatedNetwork network, RunDirectory directory, params string[] changes) =>
        Clipd.StartThrough(
            On(network, 1),
            data.Folder,
            [
                "submit",
                "spec.yaml",
                "--watch",
                "--coordinator",
                Coordinator,
                .. changes
                    .Prepend($"run_directory={directory.Root}")
                    .Prepend($"samples={64 * Steps}")
                    .SelectMany(change => new[] { "--set", change }),
            ]
        );

    /// <summary>Every step once, with the rows that the order gives.</summary>
    private void AssertWhole(IsolatedNetwork network, RunDirectory directory, int steps = Steps)
    {
        Assert.Equal(Enumerable.Range(1, steps).Select(step => (long)step), new RecordedRun(directory).Steps.Select(step => step.Step));
        using var verify = Clipd.StartThrough(On(network, 1), data.Folder, "run", "verify", directory.Root);
        var verified = verify.Finish();
        Assert.Equal((0, ""), (verified.ExitCode, verified.Errors));
    }
}
