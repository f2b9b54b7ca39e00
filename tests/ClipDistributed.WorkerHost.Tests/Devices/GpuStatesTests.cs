using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.WorkerHost.Devices;
using CsCheck;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class GpuStatesTests
{
    private static readonly SortedDictionary<int, NvidiaGpu> Gpus = new()
    {
        [0] = new NvidiaGpu("NVIDIA L4", "GPU-1", BusId: "0000:3b:00.0"),
        [2] = new NvidiaGpu("NVIDIA L4", "GPU-2", BusId: "0000:af:00.0"),
    };

    private static readonly DeviceState[] Before = [State(0, free: 7, celsius: 30), State(2, free: 8, celsius: 31)];

    [Fact]
    public void Next_Listing_DescribesTheGpusOnOffer() =>
        Assert.Equal(
            [State(0, free: 20, celsius: 54), State(2, free: 22000, celsius: 33)],
            Next("GPU-2, 22000, 33, [N/A]\nGPU-9, 1, 99, 0\nGPU-1, 20, 54, 0\n")
        );

    [Theory]
    [InlineData("75", 0.75)]
    [InlineData("[N/A]", null)]
    [InlineData("300", null)]
    public void Next_Use_IsAShareWhereItIsKnown(string percent, double? share)
    {
        var state = Next($"GPU-1, 20, 54, 0, {percent}\nGPU-2, 1, 1, 0, 0")[0];
        Assert.Equal(share, state.HasUtilisation ? state.Utilisation : null);
    }

    [Fact]
    public void Next_ValuesThatTheDriverDoesNotHave_AreAbsent() =>
        Assert.Equal([State(0), State(2)], Next("GPU-1, [N/A], [N/A], [N/A]\nGPU-2, [Insufficient Permissions], N/A, [Not Supported]"));

    [Theory]
    [InlineData("GPU-2, 20, 54, 3", "3 uncorrectable memory errors since the driver was loaded; reset it with")]
    [InlineData("GPU-2, [GPU is lost], [GPU is lost], [GPU is lost]", "nvidia-smi shows [GPU is lost]")]
    [InlineData("GPU-2, 20, [GPU requires reset], 0", "nvidia-smi shows [GPU requires reset]")]
    [InlineData("", "nvidia-smi lists it no longer")]
    public void Next_GpuIsBroken_IsFaulty(string line, string fault)
    {
        var states = Next($"GPU-1, 20, 54, 0\n{line}");
        Assert.Equal("", states[0].Fault);
        Assert.StartsWith(fault, states[1].Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_ComplaintAboutOne_LeavesTheOthersAsTheyWere()
    {
        var states = Next("Unable to determine the device handle for GPU 00000000:AF:00.0: GPU is lost.\n", exitCode: 15);
        Assert.Equal(Before[0], states[0]);
        Assert.Equal("nvidia-smi reports: Unable to determine the device handle for GPU 00000000:AF:00.0: GPU is lost.", states[1].Fault);
    }

    [Fact]
    public void Next_AnswerThatSaysNothing_ChangesNothing()
    {
        Assert.Equal(Before, Next("Failed to initialize NVML: Driver/library version mismatch\n", exitCode: 18));
        Assert.Empty(GpuStates.Next([], new SmiAnswer(18, "Failed to initialize NVML"), Gpus));
    }

    [Fact]
    public void Next_NoDevicesAnyMore_AreAllFaulty() =>
        Assert.All(Next("No devices were found\n", exitCode: 6), state => Assert.NotEqual("", state.Fault));

    [Fact]
    public void Next_GpuWithoutAnId_IsNotKnown() =>
        Assert.Empty(GpuStates.Next([], new SmiAnswer(0, "GPU-1, 20, 54, 0"), new Dictionary<int, NvidiaGpu> { [0] = new("NVIDIA GPU") }));

    [Fact]
    public void Next_AnyListing_DescribesEachGpuOnceAndThrowsNothing() =>
        Gen.Select(
            OneOf("GPU-1", "GPU-2", "GPU-3", "junk"), OneOf("20", "[N/A]", "-1", "99999999999999999999", "8796093022208"),
            OneOf("54", "[GPU is lost]", "-3", ""), OneOf("0", "2", "[N/A]", "x, y"))
            .Array[0, 5]
            .Sample(lines =>
            {
                var states = Next(string.Join('\n', lines.Select(line => $"{line.Item1}, {line.Item2}, {line.Item3}, {line.Item4}")));
                Assert.Equal([0, 2], states.Select(state => state.Index));
                Assert.All(states, state => Assert.True(state.FreeMemoryBytes >= 0));
            });

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static IReadOnlyList<DeviceState> Next(string text, int exitCode = 0) =>
        GpuStates.Next(Before, new SmiAnswer(exitCode, text), Gpus);

    private static DeviceState State(int index, long? free = null, int? celsius = null)
    {
        var state = new DeviceState { Kind = DeviceKind.Cuda, Index = index };
        if (free is { } mib)
            state.FreeMemoryBytes = mib << 20;
        if (celsius is { } degrees)
            state.TemperatureCelsius = degrees;
        return state;
    }
}
