using ClipDistributed.Training.Loss;
using TorchSharp;

namespace ClipDistributed.Training.Tests.Loss;

public sealed class TileSideTests
{
    [Theory]
    [InlineData(DeviceType.CPU, null, 1024)]
    [InlineData(DeviceType.CPU, 1024L, 1024)] // whatever the host has
    [InlineData(DeviceType.CUDA, null, 4096)]
    [InlineData(DeviceType.CUDA, 16L, 4096)]
    [InlineData(DeviceType.CUDA, 23L, 4096)] // three tiles of 256 MiB would be more than a thirty-second of it
    [InlineData(DeviceType.CUDA, 24L, 8192)]
    [InlineData(DeviceType.CUDA, 80L, 8192)]
    public void On_DeviceAndItsMemory_GivesTheSide(DeviceType device, long? gibibytes, int side) =>
        Assert.Equal(side, TileSide.On(device, gibibytes << 30));
}
