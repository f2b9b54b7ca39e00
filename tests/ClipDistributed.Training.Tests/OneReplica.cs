using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Optimization;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
using TorchSharp;

namespace ClipDistributed.Training.Tests;

/// <summary>The training step of a world of one.</summary>
internal sealed class OneReplica : IDisposable
{
    private readonly SoloCollective group = new();
    private readonly TrainState state;
    private readonly TrainStep step;

    public OneReplica(TrainingSpec spec, long steps, int microBatch, ClipModel model, StepProgress? progress = null)
    {
        state = new TrainState(spec.Optimizer, model) { AppliedStep = 0 };
        step = new TrainStep(new StepRecipe(spec, steps, microBatch, new PreprocessConfig()), state, group, progress ?? new StepProgress());
    }

    public IOptimizer Optimizer => state.Optimizer;

    public StepResult Run(Batch batch) => step.Run(batch, Shares.Even(batch.Count, 1), () => batch);

    /// <summary>The softmax loss where all rows are one's own.</summary>
    public static LossResult Softmax(torch.Tensor images, torch.Tensor texts, double scale, int tile = 1024) =>
        new SoftmaxLoss(new SoloCollective(), tile).Run(All(images, texts), scale);

    public static LossResult Sigmoid(torch.Tensor images, torch.Tensor texts, double scale, double bias, int tile = 1024) =>
        new SigmoidLoss(tile).Run(All(images, texts), scale, bias);

    public void Dispose()
    {
        step.Dispose();
        state.Dispose();
    }

    private static GlobalEmbeddings All(torch.Tensor images, torch.Tensor texts) =>
        new(images, texts, Shares.Even((int)images.shape[0], 1), Rank: 0);
}
