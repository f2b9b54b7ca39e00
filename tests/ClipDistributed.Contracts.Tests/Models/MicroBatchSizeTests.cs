using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Contracts.Tests.Models;

public sealed class MicroBatchSizeTests
{
    [Theory]
    [InlineData("tiny", 1000, null, 256)]
    [InlineData("tiny", 100, null, 100)]
    [InlineData("tiny", 1000, 300, 300)] // a transformer takes any
    [InlineData("RN50", 32768, null, 32)]
    [InlineData("RN50", 1000, null, 25)]
    [InlineData("RN50", 24, null, 24)]
    [InlineData("RN50", 8, null, 8)]
    [InlineData("RN50", 1000, 500, 500)]
    [InlineData("RN50", 6, 3, 3)] // asked for, so it is given
    public void Resolve_Model_GivesTheRowsOfItsMicroBatch(string preset, int globalBatch, int? asked, int expected) =>
        Assert.Equal(expected, MicroBatchSize.Resolve(ModelPresets.Find(preset)!.Model, globalBatch, asked));

    [Theory]
    [InlineData("tiny", 1000, null, 100, 64)]
    [InlineData("tiny", 1000, null, 256, 256)]
    [InlineData("tiny", 100, null, 99, 64)]
    [InlineData("tiny", 1000, null, 0, 1)] // what does not fit at all is refused elsewhere, with the arithmetic
    [InlineData("tiny", 1000, 300, 10, 300)] // asked for
    [InlineData("RN50", 1000, null, 8, 25)] // never from a host
    public void Resolve_LittleMemory_TakesTheLargestThatFits(string preset, int globalBatch, int? asked, int mostThatFits, int expected) =>
        Assert.Equal(
            expected,
            MicroBatchSize.Resolve(ModelPresets.Find(preset)!.Model, globalBatch, asked, fits: rows => rows <= mostThatFits)
        );

    [Theory]
    [InlineData("tiny", 32768, null, 32768, 4096)]
    [InlineData("tiny", 3000, null, 32768, 3000)]
    [InlineData("tiny", 32768, null, 1500, 1024)]
    [InlineData("RN50", 32768, null, 32768, 32)]
    public void Resolve_OnAGpu_TakesMoreButNotForBatchNorm(string preset, int globalBatch, int? asked, int mostThatFits, int expected) =>
        Assert.Equal(
            expected,
            MicroBatchSize.Resolve(
                ModelPresets.Find(preset)!.Model, globalBatch, asked, MicroBatchSize.MaxOnGpu, rows => rows <= mostThatFits)
        );

    [Theory]
    [InlineData(1000, 300, "batch.micro is 300, which does not divide the global batch 1000")]
    [InlineData(1000, 2000, "batch.micro is 2000, which does not divide the global batch 1000")]
    [InlineData(37, null, "batch.global is 37, which no micro-batch of 8 to 32 rows divides")]
    [InlineData(7, null, "batch.global is 7")]
    [InlineData(74, null, "batch.global is 74")]
    public void Resolve_BatchNormWithoutEqualMicroBatches_IsRefused(int globalBatch, int? asked, string expected)
    {
        var refused = Assert.Throws<BadInputException>(() => MicroBatchSize.Resolve(ModelPresets.Find("RN50")!.Model, globalBatch, asked));
        Assert.StartsWith(expected, Assert.Single(refused.Errors));
    }
}
