using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
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
    [InlineData(TrainedTowers.ViT, Contracts.Spec.V1.Loss.Softmax, Rows)] // scale, loss with sums, norm
    [InlineData(TrainedTowers.ViT, Contracts.Spec.V1.Loss.Softmax, 4)] // with gradient caching
    [InlineData(TrainedTowers.ViT, Contracts.Spec.V1.Loss.Sigmoid, 4)] // scale with bias, loss, norm
    [InlineData(TrainedTowers.ResNet, Contracts.Spec.V1.Loss.Softmax, 5)]
    public void Run_WholeStep_ReadsThreeTimes(TrainedTowers towers, Contracts.Spec.V1.Loss loss, int microBatch)
    {
        using var scope = NewDisposeScope();
        var plain = towers == TrainedTowers.ResNet ? SampleModel.ResNetConfig() : SampleModel.Config();
        var config = loss == Contracts.Spec.V1.Loss.Sigmoid ? plain.ForSigmoid() : plain;
        using var model = SampleModel.Create(config);
        using var replica = new OneReplica(new TrainingSpec { Loss = loss, Optimizer = Specs.Optimizer() }, 1, microBatch, model);
        long before = HostReads.Count;
        replica.Run(SampleBatch.Create(config, Rows, step: 1));
        Assert.Equal(3, HostReads.Count - before);
    }

    /// <summary>Whether embeddings and buckets of gradients are finite is read with the scale and with the norm.</summary>
    [Theory]
    [InlineData(Contracts.Spec.V1.Loss.Softmax)]
    [InlineData(Contracts.Spec.V1.Loss.Sigmoid)]
    public void Run_StepOfAReplicaAmongOthers_ReadsThreeTimes(Contracts.Spec.V1.Loss loss)
    {
        var training = new InvarianceCase(2, loss, OptimizerName.Adamw, UnevenShares: false).Training();
        long[] reads = ThreadReplicas.Run(2, group =>
        {
            using var model = new ClipModel(training.Model, CPU);
            training.Start(model);
            using var state = new TrainState(training.Spec.Optimizer, model) { AppliedStep = 0 };
            var recipe = new StepRecipe(training.Spec, training.Steps, training.MicroBatch, new PreprocessConfig()) { BucketElements = 1 };
            using var step = new TrainStep(recipe, state, group, new StepProgress());
            long before = HostReads.Count;
            Assert.True(RepeatableTraining.RunStep(step, group, training.Batches(1), training.Shares(1, 2)).Applied);
            return HostReads.Count - before;
        });
        Assert.Equal([3, 3], reads);
    }

    [Theory]
    [InlineData(Contracts.Spec.V1.Loss.Softmax)]
    [InlineData(Contracts.Spec.V1.Loss.Sigmoid)]
    public void Run_EmbeddingsGatherAndLossOnMeta_ReadNothingElse(Contracts.Spec.V1.Loss loss)
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
        Assert.Equal(1, HostReads.Count - before);
        Assert.Equal(DeviceType.META, local.Sum().device_type);
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
