using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.TestKit.Gpu;

namespace ClipDistributed.Collectives.Tests.Cuda;

[Collection(nameof(StandIn))] // what is set there holds for the whole process
public sealed class CudaMemoryTests
{
    private const long GiB = 1L << 30;

    [Fact]
    public void Of_Device_GivesWhatIsFreeAndWhatThereIs()
    {
        StandIn.UseDevice(1);
        nint taken = StandIn.Allocate(3 * GiB);
        try
        {
            Assert.Equal(new CudaMemory(1, 13 * GiB, 16 * GiB), CudaMemory.Of(1, StandIn.Library));
            Assert.Equal(new CudaMemory(0, 16 * GiB, 16 * GiB), CudaMemory.Of(0, StandIn.Library));
        }
        finally
        {
            StandIn.Free(taken);
        }
    }

    [Fact]
    public void Of_NoSuchDevice_IsBadInput()
    {
        var refused = Assert.Throws<BadInputException>(() => CudaMemory.Of(2, StandIn.Library));
        Assert.Contains("cuda:2 cannot be read: invalid device ordinal", Assert.Single(refused.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_BrokenDevice_IsBadInput()
    {
        StandIn.Break(214);
        try
        {
            Assert.Throws<BadInputException>(() => CudaMemory.Of(0, StandIn.Library));
        }
        finally
        {
            StandIn.Break(0);
        }
    }

    [Fact]
    public void Of_CudaMissing_IsBadInput() =>
        Assert.Throws<BadInputException>(() => CudaMemory.Of(0, "/nowhere/libcudart.so"));
}
