using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using ClipDistributed.WorkerHost.Options;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.WorkerHost.Tests;

public sealed class WorkerTests : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly RecordedLog log = new();
    private readonly List<IDisposable> replicas = [];
    private Task? running;

    [Fact]
    public async Task RunAsync_Connected_OffersAndBeats()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput) with { Name = "north", Slots = 2, ThreadsPerSlot = 3 });

        var call = await coordinator.WelcomeAsync();
        await call.HeartbeatAsync();
        await call.HeartbeatAsync();

        Assert.Equal(Protocol.Version, call.Offer.ProtocolVersion);
        Assert.Equal("north", call.Offer.Host);
        Assert.NotEmpty(call.Offer.Version);
        Assert.True(call.Offer.MemoryBytes > 0);
        Assert.Empty(call.Offer.ReplicaIds);
        Assert.Equal(
            [(DeviceKind.Cpu, 0, 3), (DeviceKind.Cpu, 1, 3)],
            call.Offer.Devices.Select(device => (device.Kind, device.Index, device.Threads))
        );
    }

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
        Assert.StartsWith("--threads 3 --libtorch /opt/torch --memory ", arguments, StringComparison.Ordinal);
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
                "cuda:1",
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
        "echo 'Unhandled exception. No memory.' >&2; echo '   at Main()' >&2; kill -ABRT $$",
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

    [Theory]
    [InlineData(true, "r left", 0)]
    [InlineData(false, "", 137)]
    public async Task Drained_WithAReplica_EndsWhenItHasLeftOrTheGracePeriodIsOver(bool leaves, string text, int exitCode)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        using var drain = new CancellationTokenSource();
        var folder = Directory.CreateTempSubdirectory("clipd-test-");
        string pipe = Path.Combine(folder.FullName, "leave");
        Start(
            Options(coordinator, $"mkfifo {pipe}; echo ready; cat {pipe}; echo '{{\"kind\":\"failed\",\"text\":\"r left\"}}'") with
            {
                DrainGrace = TimeSpan.FromSeconds(leaves ? 60 : 1),
            },
            drain.Token
        );
        var call = await coordinator.WelcomeAsync();
        call.Launch("r");
        await call.LineAsync();

        await drain.CancelAsync();
        Assert.Equal(leaves ? 60u : 1, (await call.DrainAsync()).GraceSeconds);
        if (leaves)
            await File.WriteAllTextAsync(pipe, "");

        Assert.Equal(new ReplicaExited { ReplicaId = "r", ExitCode = exitCode, Text = text }, await call.ExitAsync());
        await running!.WaitAsync(HostCall.Patience);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task SetDrained_ConnectionBreaks_IsSaidAgain()
    {
        var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput));
        var call = await coordinator.WelcomeAsync();
        Assert.Null(call.Offer.Drain);
        call.Send(new ConnectResponse { SetDrained = new SetDrained { Drained = true } });
        call.Close();
        call = await coordinator.WelcomeAsync();
        Assert.NotNull(call.Offer.Drain);
        call.Send(new ConnectResponse { SetDrained = new SetDrained { Drained = false } });
        call.Close();
        Assert.Null((await coordinator.WelcomeAsync()).Offer.Drain);
        await coordinator.DisposeAsync();
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

    [Fact]
    public async Task Connection_Broken_IsBuiltAgainWhileReplicasGoOn()
    {
        var coordinator = await ScriptedCoordinator.StartAsync();
        string flag = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string body = $"echo $$; case $request in *dies*) until [ -e {flag} ]; do sleep 0.05; done; exit 5;; esac; cat > /dev/null";
        Start(Options(coordinator, body));
        var call = await coordinator.WelcomeAsync();
        foreach (string id in new[] { "unwanted", "stays", "dies" })
        {
            call.Launch(id);
            await call.LineAsync();
        }
        int port = coordinator.Port;
        await coordinator.DisposeAsync();
        await log.UntilAsync("CoordinatorUnreachable", ("Coordinator", $"http://127.0.0.1:{port}"));
        await log.UntilAsync("CoordinatorUnreachable", ("Reason", "connection refused"), ("Seconds", 2));
        await File.WriteAllTextAsync(flag, "");
        await log.UntilAsync("ReplicaFailed", ("ReplicaId", "dies"), ("ExitCode", 5));

        await using var again = await ScriptedCoordinator.StartAsync(port);
        var second = await again.WelcomeAsync("unwanted");
        Assert.Equal(["dies", "stays", "unwanted"], second.Offer.ReplicaIds);
        Assert.Equal(new ReplicaExited { ReplicaId = "dies", ExitCode = 5 }, await second.ExitAsync());
        Assert.Equal(new ReplicaExited { ReplicaId = "unwanted", ExitCode = 137 }, await second.ExitAsync());
        File.Delete(flag);

        second.Close();
        Assert.Equal(["stays"], (await again.WelcomeAsync()).Offer.ReplicaIds);
    }

    [Fact]
    public async Task Connection_ClosedAndNameStillTaken_IsTriedAgain()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput) with { Name = "north" });
        var call = await coordinator.WelcomeAsync();
        await call.HeartbeatAsync();
        coordinator.Refuse(StatusCode.AlreadyExists, "a host named north is connected");
        call.Close();
        await log.UntilAsync("CoordinatorUnreachable", ("Reason", "the coordinator closed the connection"), ("Seconds", 1));
        await log.UntilAsync("CoordinatorUnreachable", ("Reason", "it still has a host named north"), ("Seconds", 2));
        Assert.Equal("north", (await coordinator.WelcomeAsync()).Offer.Host);
    }

    [Theory]
    [InlineData(StatusCode.AlreadyExists, "a host named north is connected; start this one with --name")]
    [InlineData(StatusCode.FailedPrecondition, "it speaks protocol version 2, this host 1")]
    public async Task Offer_Refused_EndsTheWorker(StatusCode code, string detail)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Refuse(code, detail);
        var worker = NewWorker(Options(coordinator, "") with { Name = "north" });
        var refused = await Assert.ThrowsAsync<BadInputException>(() => worker.RunAsync(stop.Token).WaitAsync(HostCall.Patience));
        Assert.EndsWith($" does not take this host: {detail}", Assert.Single(refused.Errors));
    }

    [Fact]
    public async Task Stop_KillsReplicasAndSaysSo()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput));
        var call = await coordinator.WelcomeAsync();
        call.Launch("r");
        int processId = int.Parse((await call.LineAsync()).Text, CultureInfo.InvariantCulture);

        await stop.CancelAsync();

        await running!.WaitAsync(HostCall.Patience);
        StandInReplica.AssertEnds(processId);
        var last = (await call.RestAsync()).Where(message => message.MessageCase != ConnectRequest.MessageOneofCase.Heartbeat);
        Assert.Equal(new ReplicaExited { ReplicaId = "r", ExitCode = 137 }, Assert.Single(last).ReplicaExited);
    }

    [Fact]
    public async Task RunAsync_SeveralCoordinators_FindsTheOneThatServes()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput) with { Coordinator = $"http://127.0.0.1:1,{coordinator.Address}" });
        await (await coordinator.WelcomeAsync()).HeartbeatAsync();
        await log.UntilAsync("CoordinatorConnected", ("Coordinator", coordinator.Address));
    }

    [Fact]
    public async Task Stop_WithoutCoordinator_EndsTheWorker()
    {
        Start(new WorkerOptions { Coordinator = "http://127.0.0.1:1", ReplicaProgram = "/bin/true" });
        await log.UntilAsync(
            "CoordinatorUnreachable", ("Coordinator", "http://127.0.0.1:1"), ("Reason", "connection refused"), ("Seconds", 1));
        await stop.CancelAsync();
        await running!.WaitAsync(HostCall.Patience);
    }

    [Fact]
    public void Options_AllWrong_AreReportedAtOnce()
    {
        var options = new WorkerOptions
        {
            Coordinator = "ftp://here",
            Name = " ",
            Slots = -1,
            ThreadsPerSlot = 0,
            Gpus = [-1],
            Address = "localhost",
            ReplicaProgram = "",
        };
        Assert.Equal(6, Assert.Throws<BadInputException>(() => NewWorker(options)).Errors.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (running is not null)
            await running.WaitAsync(HostCall.Patience);
        foreach (var replica in replicas)
            replica.Dispose();
    }

    private WorkerOptions Options(ScriptedCoordinator coordinator, string body)
    {
        var replica = new StandInReplica(body);
        replicas.Add(replica);
        return new WorkerOptions { Coordinator = coordinator.Address, ReplicaProgram = replica.Program, Gpus = [] };
    }

    private void Start(WorkerOptions options, CancellationToken drained = default) =>
        running = NewWorker(options).RunAsync(stop.Token, drained);

    private Worker NewWorker(WorkerOptions options) => new(options, TimeProvider.System, log);
}
