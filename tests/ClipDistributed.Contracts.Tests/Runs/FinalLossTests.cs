using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Records;

namespace ClipDistributed.Contracts.Tests.Runs;

public sealed class FinalLossTests
{
    [Fact]
    public void Of_ManySteps_IsTheMeanOfTheLastFiniteOnes()
    {
        var steps = Enumerable.Range(1, 40).Select(step => Step(step == 40 ? double.NaN : step)).ToList();
        Assert.Equal(30, FinalLoss.Of(steps)); // of 21 to 39
        Assert.Equal("30.000 (mean of the last 19 steps)", FinalLoss.Describe(steps));
        Assert.Equal("7.000", FinalLoss.Describe([Step(7)]));
        Assert.Null(FinalLoss.Of([]));
        Assert.Equal("not finite", FinalLoss.Describe([Step(double.NaN)]));
    }

    private static StepMetrics Step(double loss) => SampleRecords.Step(1, loss);
}
