using ClipDistributed.Contracts.Run.V1;
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
        Assert.Equal(expected, DataLimit.Advice(Steps(DataLimit.Warmup + DataLimit.MinSteps, data, Waits(reading, decoding, 0))));

    [Fact]
    public void Advice_TooFewSteps_IsNone() =>
        Assert.Null(DataLimit.Advice(Steps(DataLimit.Warmup + DataLimit.MinSteps - 1, 0.9, Waits(1, 0, 0))));

    [Fact]
    public void Advice_PipelineThatHadToFill_IsNotHeldAgainstIt() =>
        Assert.Null(
            DataLimit.Advice([
                .. Steps(DataLimit.Warmup, 1000, Waits(1, 0, 0)),
                .. Steps(DataLimit.MinSteps, 0, Waits(0, 0, 1)),
            ])
        );

    [Fact]
    public void Advice_RecordsFromBeforeThePipelineWasMeasured_AreLeftOut() => Assert.Null(DataLimit.Advice(Steps(100, 0.9, null)));

    private static PipelineWaits Waits(double reading, double decoding, double step) =>
        new() { Reading = reading, Decoding = decoding, Step = step };

    private static StepMetrics[] Steps(int count, double data, PipelineWaits? waits) =>
    [
        .. Enumerable.Range(1, count).Select(step => new StepMetrics
        {
            Step = step,
            Seconds = 1,
            Split = new StepSplit { Data = data, Forward = 1 - data },
            Pipeline = waits,
        }),
    ];
}
