using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Model;
using ClipDistributed.Model.Weights;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Steps;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Gradients;

public sealed class GradientBucketsTests
{
    private const int Rows = 10;

    [Theory]
    [InlineData(Rows, TrainedTowers.ViT)] // one pass
    [InlineData(4, TrainedTowers.ViT)] // gradient caching
    [InlineData(Rows, TrainedTowers.ResNet)]
    [InlineData(5, TrainedTowers.ResNet)]
    [InlineData(Rows, TrainedTowers.SigLip)]
    [InlineData(4, TrainedTowers.SigLip)]
    [InlineData(Rows, TrainedTowers.Eva02)]
    [InlineData(4, TrainedTowers.Eva02)]
    [InlineData(4, TrainedTowers.ViT, ScalarType.BFloat16)]
    [InlineData(4, TrainedTowers.Eva02, ScalarType.BFloat16)]
    public void Completed_EachStage_HasItsFinalGradientsByThen(
        int microBatch, TrainedTowers towers, ScalarType compute = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        var config = towers switch
        {
            TrainedTowers.ResNet => SampleModel.ResNetConfig(),
            TrainedTowers.SigLip => SampleModel.SiglipConfig(),
            TrainedTowers.Eva02 => SampleModel.Eva02Config(),
            _ => SampleModel.Config(imageLayers: 3, textLayers: 2),
        };
        using var model = new ClipModel(config, CPU, compute);
        model.Parameters.Initialize(1);
        SampleModel.Disturb(model.Parameters, 2);
        using var norms = model.Statistics?.Begin();
        using var gradients = new GradientBuffer(model.Parameters);
        var seen = new List<(int Stage, Tensor Gradients)>();

        Backward(model, gradients, microBatch, stage => seen.Add((stage, gradients.Flat.clone().DetachFromDisposeScope())));

        // The loss's scalars and the heads of the towers are complete with the first stage after them.
        int[] heads = [0, 1, model.Texts.LastStage + 1];
        Assert.Equal(Enumerable.Range(0, model.Images.LastStage + 1).Except(heads), seen.Select(at => at.Stage));
        foreach (var (stage, then) in seen)
        {
            foreach (var slot in model.Parameters.Slots.Where(slot => slot.Shape.Stage <= stage))
                Golden.AssertSameBits(slot.View(gradients.Flat), slot.View(then), $"{slot.Shape.Name} at stage {stage}");
            then.Dispose();
        }
        // Every parameter took part.
        Assert.All(
            model.Parameters.Slots.Where(slot => slot.Shape.Name != "logit_scale"),
            slot => Assert.True(slot.View(gradients.Flat).abs().max().ToDouble() > 0, slot.Shape.Name)
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1 << 30)]
    public void Wait_AnyBucketSize_SumsEveryElementOnce(long bucketElements)
    {
        using var scope = NewDisposeScope();
        float[][] sums = ThreadReplicas.Run(3, group =>
        {
            using var model = SampleModel.Create(SampleModel.Config());
            using var gradients = new GradientBuffer(model.Parameters);
            using var buckets = new GradientBuckets(model.Parameters.Slots, gradients.Flat, group, bucketElements);
            using (no_grad())
                gradients.Flat.copy_(arange(gradients.Flat.numel(), ScalarType.Float32) + group.Rank);
            buckets.Complete(3);
            buckets.Complete(3); // nothing is sent twice
            buckets.Wait();
            return gradients.Flat.data<float>().ToArray();
        });
        Assert.All(sums, sum => Assert.Equal(Enumerable.Range(0, sum.Length).Select(i => 3f * i + 3), sum));
    }

    [Fact]
    public void Start_WhateverTheShare_KeepsOneOrderAndSendsTextsWhileImagesAreOnTheirWay()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config());
        using var gradients = new GradientBuffer(model.Parameters);
        var log = new StartLog();
        using var buckets = new GradientBuckets(model.Parameters.Slots, gradients.Flat, log, bucketElements: 1);

        long lastText = model
            .Parameters.Slots.Where(slot => !slot.Shape.Name.StartsWith("visual", StringComparison.Ordinal))
            .Max(slot => slot.Offset + slot.Padded);
        int startedBeforeImages = 0;
        Backward(model, gradients, Rows, stage =>
        {
            buckets.Complete(stage);
            if (stage == model.Texts.LastStage)
                startedBeforeImages = (int)log.Elements.Sum();
        });
        buckets.Wait();
        var full = log.Elements.ToArray();
        log.Elements.Clear();
        buckets.Wait(); // a replica without a micro-batch

        Assert.Equal(lastText, startedBeforeImages);
        Assert.Equal(gradients.Flat.numel(), full.Sum());
        Assert.Equal(full, log.Elements);
    }

    private static void Backward(ClipModel model, GradientBuffer gradients, int microBatch, Action<int> completed)
    {
        var share = new MicroBatches(SampleBatch.Create(model.Config, Rows, step: 1), microBatch, new PreprocessConfig(), CPU);
        using var towers = new CachedTowers(model, completed);
        gradients.Zero();
        var embeddings = towers.Embed(share);
        towers.Backward(share, OneReplica.Softmax(embeddings.Images, embeddings.Texts, scale: 12));
    }

    /// <summary>A world of one that notes the size of each all-reduce when it is started.</summary>
    private sealed class StartLog : ICollective
    {
        private readonly SoloCollective solo = new();

        public List<long> Elements { get; } = [];

        public int Rank => solo.Rank;

        public int World => solo.World;

        public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type) => solo.AllGather(own, all, counts, type);

        public ICollectiveWork StartAllReduce(nint data, long count, ElementType type)
        {
            Elements.Add(count);
            return solo.StartAllReduce(data, count, type);
        }

        public void Broadcast(nint data, long count, ElementType type, int root) => solo.Broadcast(data, count, type, root);

        public void Abort() => solo.Abort();

        public void Dispose() => solo.Dispose();
    }
}
