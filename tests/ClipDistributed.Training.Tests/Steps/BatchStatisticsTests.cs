using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Steps;

/// <summary>Batch normalisation in a step: statistics of the micro-batch, one update of the running ones per step.</summary>
public sealed class BatchStatisticsTests
{
    private const int Rows = 12;

    [Theory]
    [InlineData(12)] // one pass
    [InlineData(4)] // gradient caching: every micro-batch passes twice and counts once
    public void Run_OneStep_MovesRunningStatisticsByTheMeanOverMicroBatches(int microBatch)
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.ResNetConfig());
        var before = model.Statistics!.Running.clone();
        var batch = SampleBatch.Create(model.Config, Rows, step: 1);
        var seen = Enumerable.Range(0, Rows / microBatch).Select(i => StatisticsOf(model, batch, microBatch, i)).ToList();
        var expected = before * 0.9 + stack(seen).mean([0L]) * 0.1;

        using var step = new OneReplica(new TrainingSpec { Optimizer = Specs.Optimizer() }, 10, microBatch, model);
        Assert.True(step.Run(batch).Applied);

        Golden.AssertClose(expected, model.Statistics.Running, 1e-6, 1e-5, "running statistics");
        Assert.Equal(1, model.Statistics.Updates);
    }

    [Fact]
    public void Run_LossNotFinite_LeavesTheRunningStatistics()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.ResNetConfig());
        using (no_grad())
            model.Parameters["text_projection"].fill_(float.NaN);
        var before = model.Statistics!.Running.clone();
        using var step = new OneReplica(new TrainingSpec { Optimizer = Specs.Optimizer() }, 10, 4, model);
        Assert.False(step.Run(SampleBatch.Create(model.Config, Rows, step: 1)).Applied);
        Golden.AssertSameBits(before, model.Statistics.Running, "running statistics");
        Assert.Equal(0, model.Statistics.Updates);
    }

    [Fact]
    public void Forward_AfterAStep_UsesRunningStatisticsAgain()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.ResNetConfig());
        using var step = new OneReplica(new TrainingSpec { Optimizer = Specs.Optimizer() }, 10, 4, model);
        step.Run(SampleBatch.Create(model.Config, Rows, step: 1));
        using var mode = no_grad();
        var images = randn([3, 3, 64, 64]);
        var together = model.Images.Forward(images);
        Golden.AssertClose(
            together.narrow(0, 1, 1),
            model.Images.Forward(images.narrow(0, 1, 1)),
            1e-4,
            1e-4,
            "an image's feature, whatever is beside it"
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_SharesCutAtMicroBatches_GiveTheTrajectoryOfOneReplica(int world)
    {
        var config = SampleModel.ResNetConfig();
        var (one, statistics) = Train(config, 1);
        var (many, others) = Train(config, world);
        Assert.Equal(one.Length, many.Length);
        Assert.All(one.Zip(many), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
        Assert.All(statistics.Zip(others), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * (1 + Math.Abs(pair.First))));
    }

    /// <returns>Losses and running statistics, of which all replicas must have the same bits.</returns>
    private static (double[] Losses, float[] Statistics) Train(ModelConfig config, int world)
    {
        var spec = new TrainingSpec { Optimizer = Specs.Optimizer(OptimizerName.Sgd) };
        spec.Optimizer.Lr = 1e-3;
        var members = ThreadReplicas.Run(world, group =>
        {
            using var model = SampleModel.Create(config);
            using var state = new TrainState(spec.Optimizer, model) { AppliedStep = 0 };
            var recipe = new StepRecipe(spec, 5, MicroBatch: 4, new PreprocessConfig());
            using var step = new TrainStep(recipe, state, group, new StepProgress());
            var losses = new List<double>();
            for (long k = 1; k <= 5; k++)
            {
                var shares = new Shares(world switch { 1 => [Rows], 2 => [4, 8], _ => [4, 0, 8] });
                losses.Add(RepeatableTraining.RunStep(step, group, SampleBatch.Create(config, Rows, k), shares).Loss);
            }
            return (Losses: losses.ToArray(), Statistics: model.Statistics!.Running.data<float>().ToArray());
        });
        Assert.All(members, member => Assert.Equal(members[0].Statistics, member.Statistics));
        return members[0];
    }

    /// <summary>Mean and unbiased variance of the batch in every norm, from one pass over one micro-batch.</summary>
    private static Tensor StatisticsOf(ClipModel model, Batch batch, int size, int index)
    {
        using var mode = no_grad();
        var share = new MicroBatches(batch, size, new PreprocessConfig(), CPU);
        using var norms = model.Statistics!.Begin();
        model.Images.Forward(share.Images(index));
        return model.Statistics.Sum.narrow(0, 0, model.Statistics.Running.shape[0]).clone();
    }
}
