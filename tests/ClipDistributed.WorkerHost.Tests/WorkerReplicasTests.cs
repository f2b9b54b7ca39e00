using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using ClipDistributed.WorkerHost.Options;

namespace ClipDistributed.WorkerHost.Tests;

/// <summary>Replicas that a worker starts, ends and reports about.</summary>
public sealed class WorkerReplicasTests : WorkerFixture
{
    [Fact]
    public async Task Launch_Replica_IsAskedToJoin()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(
            Options(coordinator, "echo \"$@\"; echo \"$request\"; exit 0") with
            {
                Name = "north",
                ThreadsPerSlot = 3,
                LibTorch = "/opt/torch",
            }
        );
        var call = await coordinator.WelcomeAsync();
        call.Launch("demo-1-a", device: 1, DeviceKind.Cuda);

        string arguments = (await call.LineAsync()).Text;
        Assert.StartsWith("--device cuda:1 --threads 3 --libtorch /opt/torch --memory ", arguments, StringComparison.Ordinal);
        Assert.EndsWith(" --name demo-1-a", arguments, StringComparison.Ordinal); // ps shows which replica it is
        var line = await call.LineAsync();
        Assert.Equal("demo-1-a", line.ReplicaId);
        Assert.Equal(
            new JoinRequest(
                coordinator.Address,
                "demo-1",
                "demo-1-a",
                "/runs/demo",
                Restore: true,
                "127.0.0.1",
                "north",
                Number: 3,
                Generation: 2,
                Secret: "c2VjcmV0"
            ),
            ReplicaRequest.Parse(line.Text)
        );
        Assert.Equal(new ReplicaExited { ReplicaId = "demo-1-a" }, await call.ExitAsync());
    }

    /// <summary>Others on the machine see arguments, and their own processes' environment.</summary>
    [Fact]
    public async Task Launch_Secret_StandsOnTheInputAlone()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, "tr '\\0' ' ' < /proc/$$/environ; tr '\\0' ' ' < /proc/$$/cmdline; echo; echo \"$request\"; exit 0"));
        var call = await coordinator.WelcomeAsync();
        call.Launch("demo-1-a", device: 0, DeviceKind.Cpu);
        Assert.DoesNotContain("c2VjcmV0", (await call.LineAsync()).Text, StringComparison.Ordinal);
        Assert.Contains("\"secret\":\"c2VjcmV0\"", (await call.LineAsync()).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 3", 3, "")]
    [InlineData("kill -KILL $$", 137, "")]
    [InlineData("kill -SEGV $$", 139, "")]
    [InlineData("""echo '{"kind":"failed","text":"the disk is full"}'; exit 1""", 1, "the disk is full")]
    [InlineData("""echo '{"kind":"refused","errors":["no shards","no tokenizer"]}'; exit 2""", 2, "no shards\nno tokenizer")]
    [InlineData(
        "echo 'Unhandled exception. No memory.' >&2; echo 'frame #1: <unknown function>' >&2; echo '   at Main()' >&2; kill -ABRT $$",
        134,
        "Unhandled exception. No memory."
    )]
    [InlineData("echo 'a warning' >&2; kill -KILL $$", 137, "")]
    [InlineData("sleep 20 & exit 4", 4, "")] // a child of its own that keeps its pipes open
    public async Task Exit_OfAReplica_IsReportedWithItsReason(string body, int exitCode, string text)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, body));
        var call = await coordinator.WelcomeAsync();
        call.Launch("r");
        Assert.Equal(new ReplicaExited { ReplicaId = "r", ExitCode = exitCode, Text = text }, await call.ExitAsync());
    }

    [Fact]
    public async Task Launch_Trial_IsAskedForItsRowsAndReportsHowFarItCame()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, """echo "$request"; echo '{"kind":"row","count":1}'; echo '{"kind":"row","count":2}'; kill -SEGV $$"""));
        var call = await coordinator.WelcomeAsync();
        call.Send(new ConnectResponse { LaunchReplica = new LaunchReplica
        {
            ReplicaId = "t", RunId = "demo-1", RunDirectory = "/runs/demo", DeviceKind = DeviceKind.Cpu,
            Trial = new DecodeTrial { Step = 7, Rows = { new DatasetRow { Shard = 1, Row = 9 }, new DatasetRow { Shard = 2, Row = 5 } } },
        } });

        Assert.Equal(
            """{"kind":"trial","run_directory":"/runs/demo","step":7,"shards":[1,2],"rows":[9,5]}""",
            (await call.LineAsync()).Text
        );
        Assert.Equal(
            new ReplicaExited
            {
                ReplicaId = "t",
                ExitCode = 139,
                RowsBegun = 2,
            },
            await call.ExitAsync()
        );
    }

    [Fact]
    public async Task Launch_ProgramThatIsNone_IsReported()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        string program = Path.GetTempFileName();
        Start(Options(coordinator, "") with { ReplicaProgram = program });
        var call = await coordinator.WelcomeAsync();
        call.Launch("r");
        var exit = await call.ExitAsync();
        Assert.Equal(127, exit.ExitCode);
        Assert.StartsWith($"{program} could not be started: ", exit.Text);
        File.Delete(program);
    }

    [Fact]
    public async Task Lines_OfAReplica_AreForwardedAndLogged()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(
            Options(
                coordinator,
                "echo plain; echo '{\"kind\":\"notice\",\"step\":1,\"text\":\"t\"}'; echo wrong >&2; head -c 9000 "
                    + "/dev/zero | tr '\\0' x; echo; exit 0"
            )
        );
        var call = await coordinator.WelcomeAsync();
        call.Launch("r");
        var lines = new List<string>();
        while (lines.Count < 4)
            lines.Add((await call.LineAsync()).Text);
        Assert.Equal(
            [new string('x', 4000) + " …", "plain", "wrong", """{"kind":"notice","step":1,"text":"t"}"""],
            lines.OrderByDescending(line => line.Length > 100).ThenBy(line => line[0] == '{').ThenBy(line => line, StringComparer.Ordinal)
        );
        await call.ExitAsync();
        Assert.True(log.Has("ReplicaLine", ("ReplicaId", "r"), ("Text", "wrong")));
    }

    [Fact]
    public async Task Kill_Replica_EndsItBySignal()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput));
        var call = await coordinator.WelcomeAsync();
        call.Launch("r");
        await call.LineAsync();
        call.Send(new ConnectResponse { KillReplica = new KillReplica { ReplicaId = "unknown" } });
        call.Send(new ConnectResponse { KillReplica = new KillReplica { ReplicaId = "r" } });
        Assert.Equal(new ReplicaExited { ReplicaId = "r", ExitCode = 137 }, await call.ExitAsync());
    }

    [Fact]
    public async Task Launch_SameReplicaTwice_StartsItOnce()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput));
        var call = await coordinator.WelcomeAsync();
        call.Launch("r");
        call.Launch("r");
        call.Launch("other");
        string[] first = [(await call.LineAsync()).ReplicaId, (await call.LineAsync()).ReplicaId]; // two processes: either may be first
        Assert.Equal(["other", "r"], first.Order(StringComparer.Ordinal));
        Assert.True(log.Has("ReplicaRunsAlready", ("ReplicaId", "r")));
    }
}
