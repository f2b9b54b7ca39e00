using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Tensors;

/// <summary>
/// How often a step waits for the device. Meta tensors have a shape and no numbers: what reads a number in passing, or copies to
/// the host, throws. libtorch has no layer norm for them, so the towers compute on the host, and a test of the sources looks there.
/// </summary>
public sealed class HostReadsTests
{
    private const int Rows = 10;

    [Theory]
    [InlineData(TrainedTowers.ViT, Contracts.Spec.V1.Loss.Softmax, Rows)] // scale, sums, loss, norm
    [InlineData(TrainedTowers.ViT, Contracts.Spec.V1.Loss.Softmax, 4)] // with gradient caching
    [InlineData(TrainedTowers.ViT, Contracts.Spec.V1.Loss.Sigmoid, 4)] // scale, bias, loss, norm
    [InlineData(TrainedTowers.ResNet, Contracts.Spec.V1.Loss.Softmax, 5)]
    public void Run_WholeStep_ReadsFourTimes(TrainedTowers towers, Contracts.Spec.V1.Loss loss, int microBatch)
    {
        using var scope = NewDisposeScope();
        var plain = towers == TrainedTowers.ResNet ? SampleModel.ResNetConfig() : SampleModel.Config();
        var config = loss == Contracts.Spec.V1.Loss.Sigmoid ? plain.ForSigmoid() : plain;
        using var model = SampleModel.Create(config);
        using var replica = new OneReplica(new TrainingSpec { Loss = loss, Optimizer = Specs.Optimizer() }, 1, microBatch, model);
        long before = HostReads.Count;
        replica.Run(SampleBatch.Create(config, Rows, step: 1));
        Assert.Equal(4, HostReads.Count - before);
    }

    [Fact]
    public void Read_BucketsOfAReplicaAmongOthers_AreReadTogether()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config());
        using var gradients = new GradientBuffer(model.Parameters);
        using var group = new NoGroup();
        using var buckets = new GradientBuckets(model.Parameters.Slots, gradients.Flat, group, bucketElements: 1);
        long before = HostReads.Count;
        buckets.Wait();
        Assert.True(buckets.Count > 1 && buckets.WereFinite);
        Assert.Equal(1, HostReads.Count - before);
    }

    [Theory]
    [InlineData(Contracts.Spec.V1.Loss.Softmax, 2)]
    [InlineData(Contracts.Spec.V1.Loss.Sigmoid, 1)]
    public void Run_EmbeddingsGatherAndLossOnMeta_ReadNothingElse(Contracts.Spec.V1.Loss loss, int reads)
    {
        using var scope = NewDisposeScope();
        using var group = new NoGroup();
        var shares = new Shares([3, 7]);
        var normalized = ClipModel.Normalize(empty([7, 4], device: META));
        long before = HostReads.Count;
        var local = new Embeddings(normalized, normalized);
        var global = new EmbeddingGather(group, bfloat16: true).Run(local, shares);
        IContrastiveLoss contrastive = loss == Contracts.Spec.V1.Loss.Softmax ? new SoftmaxLoss(group, tile: 4) : new SigmoidLoss(tile: 4);
        var result = contrastive.Run(global, scale: 20, bias: -10);
        Assert.Equal([7, 4], result.Texts.shape);
        Assert.Equal(reads, HostReads.Count - before);
        Assert.True(local.AreFinite());
    }

    [Fact]
    public void Read_OnTheHost_GivesEveryDigit()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0.1f, 0.1], HostReads.Read(tensor(0.1f), tensor(0.1)));
        Assert.Equal(0.1f, HostReads.Read(tensor(0.1f)));
        Assert.ThrowsAny<Exception>(() => empty([1], device: META).cpu()); // what a hidden copy would do
    }

    /// <summary>Rank 1 of two, of which nothing comes.</summary>
    private sealed class NoGroup : ICollective
    {
        private readonly SoloCollective alone = new();

        public int Rank => 1;

        public int World => 2;

        public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type) { }

        public ICollectiveWork StartAllReduce(nint data, long count, ElementType type) => alone.StartAllReduce(data, count, type);

        public void Broadcast(nint data, long count, ElementType type, int root) { }

        public void Abort() { }

        public void Dispose() { }
    }
}
