using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using ClipDistributed.WorkerHost.Options;

namespace ClipDistributed.WorkerHost.Tests;

/// <summary>A worker on a machine with two GPUs, of which a script and a file tell.</summary>
public sealed class WorkerGpuTests : WorkerFixture
{
    private readonly TemporaryFolder libTorch = new();
    private readonly StandInSmi smi = new(
        "NVIDIA L4, GPU-1, 23034, [N/A], 00000000:3B:00.0\nNVIDIA L4, GPU-2, 23034, [N/A], 00000000:AF:00.0\n");

    public WorkerGpuTests()
    {
        owned.AddRange([libTorch, smi]);
        File.WriteAllText(libTorch.File("libtorch_cuda.so"), "");
    }

    [Fact]
    public async Task RunAsync_Gpus_AreOfferedWithIdAndMemory()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(WithGpus(coordinator, "") with { Gpus = [1] });
        var offered = (await coordinator.WelcomeAsync()).Offer.Devices[^1];
        Assert.Equal(
            (DeviceKind.Cuda, 1, "NVIDIA L4", "GPU-2", 23034L << 20),
            (offered.Kind, offered.Index, offered.Name, offered.Uuid, offered.MemoryBytes)
        );
    }

    [Fact]
    public async Task RunAsync_Gpus_AreDescribedByHeartbeatsAsTheyAreNow()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        smi.Answer("GPU-1, 20000, 54, 0, 75\nGPU-2, 21000, 33, 0, 0");
        Start(WithGpus(coordinator, ""));
        var call = await coordinator.WelcomeAsync();
        var first = await UntilAsync(call, states => states.Count == 2);
        Assert.Equal([(20000L << 20, 54), (21000L << 20, 33)], first.Select(state => (state.FreeMemoryBytes, state.TemperatureCelsius)));
        Assert.Equal([0.75, 0], first.Select(state => state.Utilisation));

        smi.Answer("GPU-1, 20000, 55, 0");
        var second = await UntilAsync(call, states => states is [_, { Fault: not "" }]);
        Assert.Equal((55, ""), (second[0].TemperatureCelsius, second[0].Fault));
    }

    [Fact]
    public async Task RunAsync_DriverWithoutAnAnswer_BeatsWithoutIt()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        smi.Answer("Failed to initialize NVML", "exit 18");
        Start(WithGpus(coordinator, ""));
        var call = await coordinator.WelcomeAsync();
        for (int i = 0; i < 2; i++)
            Assert.DoesNotContain((await call.HeartbeatAsync()).Devices, state => state.Kind == DeviceKind.Cuda);
    }

    [Fact]
    public async Task Launch_OnAGpu_SeesItAloneAndByItsId()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(WithGpus(coordinator, """echo "$CUDA_VISIBLE_DEVICES $@"; exit 0"""));
        var call = await coordinator.WelcomeAsync();
        call.Launch("r", device: 1, DeviceKind.Cuda);
        Assert.StartsWith("GPU-2 --device cuda:0 --threads ", (await call.LineAsync()).Text, StringComparison.Ordinal);
    }

    /// <summary>Those on GPUs need it too, for what they read and for checkpoints.</summary>
    [Theory]
    [InlineData(DeviceKind.Cpu)]
    [InlineData(DeviceKind.Cuda)]
    public async Task Launch_OnAHostWithGpus_GetsAnEvenShareOfTheHostsMemory(DeviceKind kind)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(WithGpus(coordinator, """echo "$@"; exit 0""") with { Slots = 2 });
        var call = await coordinator.WelcomeAsync();
        call.Launch("r", device: 0, kind);
        long all = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20;
        Assert.Contains($" --memory {all / 4} ", (await call.LineAsync()).Text, StringComparison.Ordinal);
    }

    private WorkerOptions WithGpus(ScriptedCoordinator coordinator, string body) => Options(coordinator, body) with
    {
        Gpus = null, LibTorch = libTorch.Path, NvidiaSmi = smi.Program, DeviceInterval = TimeSpan.FromMilliseconds(20),
    };

    private static async Task<IReadOnlyList<DeviceState>> UntilAsync(HostCall call, Func<IReadOnlyList<DeviceState>, bool> isSo)
    {
        while (true)
        {
            DeviceState[] states = [.. (await call.HeartbeatAsync()).Devices.Where(state => state.Kind == DeviceKind.Cuda)];
            if (isSo(states))
                return states;
        }
    }
}
