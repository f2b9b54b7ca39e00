using System.Globalization;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using Grpc.Core;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>The real <c>clipd worker</c> against a coordinator that a test plays.</summary>
public sealed class WorkerCommandTests
{
    private const int SigInt = 2, SigTerm = 15;

    [Fact]
    public async Task Worker_KilledOutright_LeavesNoReplica()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        using var replica = new StandInReplica(StandInReplica.WaitsForItsInput);
        using var worker = Start(coordinator, replica);
        int processId = await LaunchAsync(await coordinator.WelcomeAsync());

        worker.Kill();

        StandInReplica.AssertEnds(processId);
    }

    [Theory]
    [InlineData(SigTerm, 0)]
    [InlineData(SigInt, 130)]
    public async Task Worker_Signalled_KillsItsReplicasAndLeaves(int signal, int exitCode)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        using var replica = new StandInReplica(StandInReplica.WaitsForItsInput);
        using var worker = Start(coordinator, replica);
        var call = await coordinator.WelcomeAsync();
        int processId = await LaunchAsync(call);

        worker.Signal(signal);

        Assert.Equal(137, (await call.ExitAsync()).ExitCode);
        Assert.Equal(exitCode, worker.Finish().ExitCode);
        StandInReplica.AssertEnds(processId);
    }

    [Fact]
    public async Task Worker_ThatExitsWithItsParent_IgnoresCtrlCAndEndsWithItsInput()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        using var replica = new StandInReplica(StandInReplica.WaitsForItsInput);
        using var worker = Start(coordinator, replica, "--exit-with-parent");
        var call = await coordinator.WelcomeAsync();
        await call.HeartbeatAsync();
        worker.Signal(SigInt);
        await LaunchAsync(call);

        worker.CloseInput();

        Assert.Equal(137, (await call.ExitAsync()).ExitCode);
        Assert.Equal(0, worker.Finish().ExitCode);
    }

    [Fact]
    public async Task Worker_OfATakenName_ExitsWithBadInput()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        using var replica = new StandInReplica("");
        coordinator.Refuse(StatusCode.AlreadyExists, "a host named north is connected");
        using var worker = Start(coordinator, replica, "--name", "north");
        var result = worker.Finish();
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            $"error: The coordinator {coordinator.Address} does not take this host: a host named north is connected",
            result.ErrorLines[^1]
        );
    }

    [Theory]
    [InlineData("--gpus some", "error: --gpus is 'some'; use auto, none, or indices such as 0,1.")]
    [InlineData("--slots 0 --gpus none", "error: slots is 0 and there is no GPU: this host has nothing to offer; give --slots 1 or more.")]
    [InlineData("--slots -2", "error: slots is -2; use 0 (no replica on the processors) or more.")]
    [InlineData("--gpus 99", "error: gpus names 99; this host has ")]
    [InlineData(
        "--coordinator ftp://nowhere",
        "error: coordinator is 'ftp://nowhere'; give an address such as http://127.0.0.1:7071, or several, separated by commas."
    )]
    public void Worker_WrongOption_SaysWhatIsAllowed(string arguments, string expected)
    {
        var result = Clipd.Run(Path.GetTempPath(), ["worker", "--replica-program", "/bin/true", .. arguments.Split(' ')]);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(expected, Assert.Single(result.ErrorLines));
    }

    private static Clipd Start(ScriptedCoordinator coordinator, StandInReplica replica, params string[] more) =>
        Clipd.Start(Path.GetTempPath(), ["worker", "--coordinator", coordinator.Address, "--replica-program", replica.Program, .. more]);

    /// <returns>The replica's process id, which it says once it runs.</returns>
    private static async Task<int> LaunchAsync(HostCall call)
    {
        call.Launch("r");
        return int.Parse((await call.LineAsync()).Text, CultureInfo.InvariantCulture);
    }
}
