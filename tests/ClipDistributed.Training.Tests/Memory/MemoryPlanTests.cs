using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Training.Memory;

namespace ClipDistributed.Training.Tests.Memory;

public sealed class MemoryPlanTests
{
    private static readonly MemoryNeeds Small = new(
        ModelPresets.Find("small")!.Model,
        OptimizerName.Adamw,
        Precision.Float32,
        GlobalBatch: 1024,
        MicroBatch: 256,
        Replicas: 1,
        ReadBytes: 1 << 20,
        Evaluates: false,
        HeldOutBytes: 0
    );

    [Fact]
    public void Of_AdamW_HoldsSevenCopiesOfTheWeights()
    {
        var plan = MemoryPlan.Of(Small);
        long weights = Bytes(plan, "weights");
        Assert.Equal(weights, Bytes(plan, "gradients"));
        Assert.Equal(2 * weights, Bytes(plan, "optimizer"));
        Assert.Equal(3 * weights, Bytes(plan, "checkpoint copy"));
        Assert.Equal(plan.Parts.Sum(part => part.Bytes), plan.Total);
    }

    [Fact]
    public void Of_Sgd_HasNoMoments()
    {
        var plan = MemoryPlan.Of(Small with { Optimizer = OptimizerName.Sgd });
        Assert.Equal(0, Bytes(plan, "optimizer"));
        Assert.Equal(Bytes(plan, "weights"), Bytes(plan, "checkpoint copy"));
    }

    [Fact]
    public void Of_HalfTheMicroBatch_HalvesTheActivations() =>
        Assert.Equal(
            0.5,
            (double)Bytes(MemoryPlan.Of(Small with { MicroBatch = 128 }), "activations") / Bytes(MemoryPlan.Of(Small), "activations"),
            0.01
        );

    [Fact]
    public void Of_ShareOfOneMicroBatch_KeepsTheGraphsOfBothTowers() =>
        Assert.True(Bytes(MemoryPlan.Of(Small with { Replicas = 4 }), "activations") > Bytes(MemoryPlan.Of(Small), "activations"));

    /// <summary>All micro-batches but the last share one, the last has its own; a single row costs little beside them.</summary>
    [Fact]
    public void Of_Bfloat16WithGradientCaching_HoldsTwoCastsOfEachWeight()
    {
        var half = Small with { Precision = Precision.Bfloat16, MicroBatch = 1, GlobalBatch = 1 };
        var (one, several) = (MemoryPlan.Of(half), MemoryPlan.Of(half with { GlobalBatch = 2 }));
        double more = (Bytes(several, "activations") - Bytes(one, "activations")) / (Bytes(one, "weights") / 2.0);
        Assert.InRange(more, 0.7, 1);
    }

    [Fact]
    public void Of_LargeBatch_LossNeverHoldsTheWholeMatrix() =>
        Assert.InRange(Bytes(MemoryPlan.Of(Small with { GlobalBatch = 32768 }), "loss"), 64L << 20, 400L << 20);

    [Fact]
    public void Of_Evaluation_CountsWhereItsImagesNeedMore()
    {
        var resNet = Small with { Model = ModelPresets.Find("RN50")!.Model, GlobalBatch = 2, MicroBatch = 2 };
        Assert.True(Bytes(MemoryPlan.Of(resNet with { Evaluates = true }), "activations") > Bytes(MemoryPlan.Of(resNet), "activations"));
    }

    [Fact]
    public void Check_MoreThanThereIs_IsRefusedWithTheArithmetic()
    {
        var plan = MemoryPlan.Of(Small);
        plan.Check(plan.Total, 256);
        var refused = Assert.Throws<BadInputException>(() => plan.Check(plan.Total - 1, 256));
        string error = Assert.Single(refused.Errors);
        Assert.All(plan.Parts, part => Assert.Contains($"{part.Name} {MemoryPlan.Show(part.Bytes)}", error));
        Assert.Contains("Lower batch.micro (it is 256)", error);
    }

    [Fact]
    public void Available_Limit_IsTheMost()
    {
        Assert.Equal(12345, HostMemory.Available(12345));
        Assert.InRange(HostMemory.Available(null), Environment.WorkingSet / 2, long.MaxValue - 1);
        Assert.InRange(HostMemory.Peak(), 1 << 20, 1L << 40);
    }

    private static long Bytes(MemoryPlan plan, string part) => Assert.Single(plan.Parts, found => found.Name == part).Bytes;
}
