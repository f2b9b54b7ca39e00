using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Training.Memory;

namespace ClipDistributed.Training.Tests.Memory;

public sealed class ReplicaMemoryTests
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
        HeldOutBytes: 5 << 20
    );

    [Fact]
    public void Of_AdamW_HoldsSevenCopiesOfTheWeights()
    {
        var plan = ReplicaMemory.Of(Small).Host;
        long weights = Bytes(plan, "weights");
        Assert.Equal(weights, Bytes(plan, "gradients"));
        Assert.Equal(2 * weights, Bytes(plan, "optimizer"));
        Assert.Equal(3 * weights, Bytes(plan, "checkpoint copy"));
        Assert.Equal(plan.Parts.Sum(part => part.Bytes), plan.Total);
    }

    [Fact]
    public void Of_Sgd_HasNoMoments()
    {
        var plan = ReplicaMemory.Of(Small with { Optimizer = OptimizerName.Sgd }).Host;
        Assert.Equal(0, Bytes(plan, "optimizer"));
        Assert.Equal(Bytes(plan, "weights"), Bytes(plan, "checkpoint copy"));
    }

    [Fact]
    public void Of_HalfTheMicroBatch_HalvesTheActivations() =>
        Assert.Equal(0.5, (double)Activations(Small with { MicroBatch = 128 }) / Activations(Small), 0.01);

    [Fact]
    public void Of_ShareOfOneMicroBatch_KeepsTheGraphsOfBothTowers() =>
        Assert.True(Activations(Small with { Replicas = 4 }) > Activations(Small));

    /// <summary>All micro-batches but the last share one, the last has its own; a single row costs little beside them.</summary>
    [Fact]
    public void Of_Bfloat16WithGradientCaching_HoldsTwoCastsOfEachWeight()
    {
        var half = Small with { Precision = Precision.Bfloat16, MicroBatch = 1, GlobalBatch = 1 };
        double casts = Bytes(ReplicaMemory.Of(half).Host, "weights") / 2.0;
        double more = (Activations(half with { GlobalBatch = 2 }) - Activations(half)) / casts;
        Assert.InRange(more, 0.7, 1);
    }

    [Fact]
    public void Of_LargeGpu_HoldsLargerTilesAndThePixelsOfTheShare()
    {
        var paper = Small with { GlobalBatch = 32768 };
        var (small, large) = (Gpu(paper, 16), Gpu(paper, 80));
        Assert.Equal(3L * 4 * ((8192L * 8192) - (4096 * 4096)), Bytes(large, "loss") - Bytes(small, "loss"));
        Assert.InRange(Bytes(large, "images"), 32768L * 3 * 64 * 64, 33024L * 3 * 64 * 64);

        static MemoryPlan Gpu(MemoryNeeds needs, long gibibytes) => ReplicaMemory.Of(needs with { GpuBytes = gibibytes << 30 }).Gpu!;
    }

    [Fact]
    public void Of_LargeBatch_LossNeverHoldsTheWholeMatrix() =>
        Assert.InRange(Bytes(ReplicaMemory.Of(Small with { GlobalBatch = 32768 }).Host, "loss"), 64L << 20, 400L << 20);

    [Fact]
    public void Of_Evaluation_CountsWhereItsImagesNeedMore()
    {
        var resNet = Small with { Model = ModelPresets.Find("RN50")!.Model, GlobalBatch = 2, MicroBatch = 2 };
        Assert.True(Activations(resNet with { Evaluates = true }) > Activations(resNet));
    }

    [Fact]
    public void Of_Processors_UsesTheHostAlone() => Assert.Null(ReplicaMemory.Of(Small).Gpu);

    /// <summary>What a step computes with lies on the GPU; what is read, decoded, staged and saved on the host.</summary>
    [Fact]
    public void Of_Gpu_DividesThePartsOfBothMemories()
    {
        var (all, divided) = (ReplicaMemory.Of(Small).Host, ReplicaMemory.Of(Small with { GpuBytes = 16L << 30 }));
        Assert.Equal(
            ["weights", "gradients", "optimizer", "activations", "gather", "loss", "images", "reserve"],
            divided.Gpu!.Parts.Select(part => part.Name)
        );
        Assert.Equal(
            ["checkpoint copy", "staging", "read-ahead", "held-out images", "runtime"],
            divided.Host.Parts.Select(part => part.Name)
        );
        Assert.All(
            ["weights", "gradients", "optimizer", "activations", "gather", "loss"],
            part => Assert.Equal(Bytes(all, part), Bytes(divided.Gpu, part))
        );
        Assert.All(
            ["checkpoint copy", "read-ahead", "held-out images"],
            part => Assert.Equal(Bytes(all, part), Bytes(divided.Host, part))
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)] // whose share is one micro-batch: it keeps the graphs of both towers
    [InlineData(5)]
    [InlineData(40)]
    public void Largest_ManyReplicas_IsThatOfTheWorstNumber(int maxReplicas)
    {
        var each = Enumerable.Range(1, maxReplicas).Select(replicas => ReplicaMemory.Of(Small with { Replicas = replicas }));
        Assert.Equal(each.Max(memory => memory.Host.Total), ReplicaMemory.Largest(Small, maxReplicas).Host.Total);
    }

    /// <summary>Rows move from a slow replica to the others, until it may keep the graphs of both towers.</summary>
    [Fact]
    public void Largest_SeveralGpus_HasRoomForAnyShare()
    {
        var needs = Small with { GpuBytes = 16L << 30 };
        var (one, two) = (ReplicaMemory.Largest(needs, maxReplicas: 1), ReplicaMemory.Largest(needs, maxReplicas: 2));
        Assert.Equal(ReplicaMemory.Of(needs).Gpu!.Total, one.Gpu!.Total);
        Assert.Equal(ReplicaMemory.Of(needs with { Replicas = 4 }).Gpu!.Total, two.Gpu!.Total);
        Assert.True(two.Gpu.Total > one.Gpu.Total);
        Assert.Equal(one.Host.Total, two.Host.Total);
    }

    private static long Activations(MemoryNeeds needs) => Bytes(ReplicaMemory.Of(needs).Host, "activations");

    private static long Bytes(MemoryPlan plan, string part) => Assert.Single(plan.Parts, found => found.Name == part).Bytes;
}
