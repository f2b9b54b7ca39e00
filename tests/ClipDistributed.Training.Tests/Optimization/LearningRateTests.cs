using System.Text.Json;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training.Tests.Optimization;

public sealed class LearningRateTests
{
    [Fact]
    public void At_EveryStepOfTheReference_IsTheReferences()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Fixtures.File("train/trajectory.json")));
        var expected = json
            .RootElement.GetProperty("runs")
            .GetProperty("ndim2")
            .GetProperty("world1")
            .GetProperty("lr")
            .EnumerateArray()
            .Select(lr => lr.GetDouble())
            .ToList();
        var spec = Spec(lr: 1e-3, warmup: 5, Schedule.Cosine);
        Assert.Equal(20, expected.Count);
        for (int step = 1; step <= 20; step++)
            Assert.Equal(expected[step - 1], LearningRate.At(spec, step, steps: 20), 1e-15);
    }

    [Fact]
    public void At_Constant_RisesAndStays()
    {
        var spec = Spec(lr: 0.4, warmup: 4, Schedule.Constant);
        double[] rates = [.. Enumerable.Range(1, 10).Select(step => LearningRate.At(spec, step, steps: 10))];
        Assert.Equal([0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4], rates.Select(rate => Math.Round(rate, 12)));
    }

    [Fact]
    public void At_NoWarmup_BeginsAtTheTop()
    {
        Assert.Equal(0.4, LearningRate.At(Spec(lr: 0.4, warmup: 0, Schedule.Cosine), step: 1, steps: 10));
        Assert.Equal(0.4, LearningRate.At(Spec(lr: 0.4, warmup: 0, Schedule.Constant), step: 1, steps: 10));
        Assert.Equal(0.2, LearningRate.At(Spec(lr: 0.4, warmup: 0, Schedule.Cosine), step: 6, steps: 10), 1e-12); // half way
    }

    [Fact]
    public void At_LastStep_IsTheLastPointBeforeZero()
    {
        double last = LearningRate.At(Spec(lr: 0.4, warmup: 2, Schedule.Cosine), step: 10, steps: 10);
        Assert.Equal(0.4 * (1 + Math.Cos(Math.PI * 7 / 8)) / 2, last, 1e-15);
    }

    [Theory]
    [InlineData(8u, 8)] // the warm-up is the whole run
    [InlineData(20u, 8)] // it is longer than the run
    [InlineData(0u, 1)] // one step
    public void At_ShortRuns_StaysFiniteAndAboveZero(uint warmup, long steps)
    {
        foreach (var schedule in new[] { Schedule.Cosine, Schedule.Constant })
        {
            for (long step = 1; step <= steps; step++)
                Assert.Equal(warmup == 0 ? 0.4 : 0.4 * step / warmup, LearningRate.At(Spec(0.4, warmup, schedule), step, steps), 1e-12);
        }
    }

    private static OptimizerSpec Spec(double lr, uint warmup, Schedule schedule) =>
        new()
        {
            Lr = lr,
            WarmupSteps = warmup,
            Schedule = schedule,
        };
}
