using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Comparing;

namespace ClipDistributed.Dashboard.Tests.Comparing;

public sealed class ComparisonTests
{
    [Fact]
    public void Differences_OfThreeSpecs_HaveAValueForEach()
    {
        TrainingSpec?[] specs = [Spec(0.1, "a"), Spec(0.2, "a"), null, Spec(0.1, "b")];
        var found = Comparison.Differences(specs);
        Assert.Equal(["optimizer.lr", "run_directory"], found.Select(one => one.Field));
        Assert.Equal(["0.1", "0.2", null, "0.1"], found[0].Values);
        Assert.Equal(["'a'", "'a'", null, "'b'"], found[1].Values);
    }

    [Fact]
    public void Differences_OfEqualSpecs_AreNone() => Assert.Empty(Comparison.Differences([Spec(0.1, "a"), Spec(0.1, "a")]));

    private static TrainingSpec Spec(double rate, string directory) =>
        new() { Optimizer = new OptimizerSpec { Lr = rate }, RunDirectory = directory, Name = "demo" };
}
