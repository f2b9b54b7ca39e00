using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using ClipDistributed.WorkerHost.Options;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.WorkerHost.Tests;

/// <summary>A worker and its connection to coordinators.</summary>
public sealed partial class WorkerTests : WorkerFixture
{
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
        await log.UntilAsync("ReplicaFailed", ("ReplicaId", "dies"), ("How", "exited with code 5"));

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

    /// <summary>While certificates are replaced, a host and its coordinator may not trust each other for a moment.</summary>
    [Fact]
    public async Task Connection_NotTrustedAnyMore_IsTriedAgain()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput));
        var call = await coordinator.WelcomeAsync();
        await call.HeartbeatAsync();
        coordinator.Refuse(StatusCode.Unauthenticated, "the client certificate expired");
        call.Close();
        await log.UntilAsync("HostRefused", ("Refusal", $"{coordinator.Address}: the client certificate expired"));
        await coordinator.WelcomeAsync();
    }

    [Fact]
    public async Task Connection_NeverTrusted_EndsTheWorker()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Refuse(StatusCode.Unauthenticated, "a client certificate is needed");
        var worker = NewWorker(Options(coordinator, ""));
        var refused = await Assert.ThrowsAsync<BadInputException>(() => worker.RunAsync(stop.Token).WaitAsync(HostCall.Patience));
        Assert.EndsWith("does not take this host: a client certificate is needed", Assert.Single(refused.Errors));
    }

    [Theory]
    [InlineData(StatusCode.AlreadyExists, "a host named north is connected; start this one with --name")]
    [InlineData(StatusCode.FailedPrecondition, "it speaks protocol version 2, this host 1")]
    [InlineData(StatusCode.Unauthenticated, "this coordinator knows no such token")]
    [InlineData(StatusCode.PermissionDenied, "the token speaks for host south")]
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
}
