using ClipDistributed.Collectives;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Tensors;

public sealed class TensorCollectivesTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Byte)]
    public void AllGather_WorldOfOneOnADevice_CopiesThereWithoutAnAddress(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var group = new SoloCollective();
        // A meta tensor has no memory, so that a copy between addresses fails, as it does with those of a GPU.
        var all = group.AllGather(empty([2, 3], type, META), [6]);
        Assert.Equal((DeviceType.META, type, 6), (all.device_type, all.dtype, (int)all.numel()));
    }

    [Fact]
    public void AllGather_WorldOfOne_GivesWhatIsThere()
    {
        using var scope = NewDisposeScope();
        using var group = new SoloCollective();
        Assert.Equal([0, 1, 2, 3, 4, 5], group.AllGather(arange(6, ScalarType.Float32).view(2, 3), [6]).data<float>().ToArray());
        Assert.Equal([7L], group.AllGather(7L, CPU));
    }
}
