using ClipDistributed.Contracts.Errors;
using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class NvidiaGpusTests
{
    private static readonly NvidiaGpu[] Gpus = [new("A", "GPU-7c1d-1"), new("B", "GPU-9e20-2")];

    [Theory]
    [InlineData(null, "A B")]
    [InlineData("", "")]
    [InlineData("-1", "")]
    [InlineData("1", "B")]
    [InlineData("1, 0", "B A")]
    [InlineData("0,7,1", "A")]
    [InlineData("GPU-9e20", "B")]
    [InlineData("GPU-9e20,GPU-7c1d-1", "B A")]
    [InlineData("GPU-0000,GPU-7c1d-1", "")]
    [InlineData("all", "")]
    public void Visible_SomeNamed_AreThose(string? visible, string expected) =>
        Assert.Equal(expected, string.Join(' ', NvidiaGpus.Visible(Gpus, visible).Select(gpu => gpu.Name)));

    [Fact]
    public void Visible_IdOfAGpuWhoseIdIsNotKnown_IsKept() =>
        Assert.Equal([new NvidiaGpu("NVIDIA GPU", "GPU-7c1d")], NvidiaGpus.Visible([new NvidiaGpu("NVIDIA GPU")], "GPU-7c1d"));

    [Fact]
    public void Visible_MigInstance_IsRefusedByName()
    {
        var error = Assert.Throws<BadInputException>(() => NvidiaGpus.Visible(Gpus, "MIG-11c29e81-e611-50b5-b5ef-609c0a0fe58b"));
        Assert.Contains("MIG-11c29e81-e611-50b5-b5ef-609c0a0fe58b", error.Message, StringComparison.Ordinal);
    }
}
