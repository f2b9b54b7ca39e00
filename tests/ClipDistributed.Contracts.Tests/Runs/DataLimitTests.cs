using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Contracts.Tests.Runs;

public sealed class DataLimitTests
{
    [Theory]
    [InlineData(0.05, 0.9, 0.0, null)]
    [InlineData(0.19, 0.9, 0.0, null)]
    [InlineData(
        0.45,
        0.9,
        0.1,
        "The steps wait 45 % of their time for data: reading the shards takes longest; put them on a faster disk, "
            + "or pack smaller images (clipd data pack --resize)."
    )]
    [InlineData(
        0.6,
        0.1,
        0.8,
        "The steps wait 60 % of their time for data: decoding takes longest; pack smaller images (clipd data pack "
            + "--resize), or give the replica more --threads."
    )]
    public void Advice_NamesTheSlowestStageWhereStepsWait(double data, double reading, double decoding, string? expected) =>
        Assert.Equal(expected, DataLimit.Advice(Steps(DataLimit.Warmup + DataLimit.Fewest, data, new PipelineWaits(reading, decoding, 0))));

    [Fact]
    public void Advice_TooFewSteps_IsNone() =>
        Assert.Null(DataLimit.Advice(Steps(DataLimit.Warmup + DataLimit.Fewest - 1, 0.9, new PipelineWaits(1, 0, 0))));

    [Fact]
    public void Advice_PipelineThatHadToFill_IsNotHeldAgainstIt() =>
        Assert.Null(
            DataLimit.Advice([
                .. Steps(DataLimit.Warmup, 1000, new PipelineWaits(1, 0, 0)),
                .. Steps(DataLimit.Fewest, 0, new PipelineWaits(0, 0, 1)),
            ])
        );

    [Fact]
    public void Advice_RecordsFromBeforeThePipelineWasMeasured_AreLeftOut() => Assert.Null(DataLimit.Advice(Steps(100, 0.9, null)));

    private static StepMetrics[] Steps(int count, double data, PipelineWaits? waits) =>
        [
            .. Enumerable
                .Range(1, count)
                .Select(step => new StepMetrics(
                    step,
                    8 * step,
                    0,
                    1,
                    14,
                    1e-3,
                    1,
                    "00",
                    "00",
                    1,
                    8,
                    new StepSplit(data, 1 - data, 0, 0, 0, 0, 0, 0),
                    true,
                    0
                )
                {
                    Pipeline = waits,
                }),
        ];
}
