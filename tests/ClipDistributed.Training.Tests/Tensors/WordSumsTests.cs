using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Tensors;

public sealed class WordSumsTests
{
    /// <summary>What a GPU computes, on the host: negative numbers are words above 2³¹.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData((int)WordSums.Piece + 17)] // two pieces
    public void OnDevice_AnyNumbers_GivesTheSumOfTheHost(int count)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        var values = randn([count], generator: generator);
        values[count - 1] = float.NaN;
        values[0] = -1;
        ulong expected = 0;
        foreach (float value in values.data<float>())
            expected += BitConverter.SingleToUInt32Bits(value);
        Assert.Equal([expected], WordSums.Of([values]));
        Assert.Equal([expected, expected], HostReads.ReadWords(WordSums.OnDevice(values), WordSums.OnDevice(values)));
    }
}
