using System.Diagnostics;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>
/// One optimizer update over one global batch; the index page of training. Synchronous, on one thread: dispose scopes and
/// gradient mode belong to the thread.
/// </summary>
public sealed class TrainStep : IDisposable
{
    private static readonly double LargestLogitScale = Math.Log(100);

    private readonly TrainingSpec spec;
    private readonly long steps;
    private readonly int microBatch;
    private readonly ClipModel model;
    private readonly PreprocessConfig preprocess;
    private readonly CachedTowers towers;
    private readonly ContrastiveLoss contrastive = new();
    private readonly GradientBuffer gradients;

    /// <param name="steps">The last step of the run, which the schedule ends at.</param>
    /// <param name="microBatch">Rows that pass through the towers at once.</param>
    public TrainStep(TrainingSpec spec, long steps, int microBatch, ClipModel model, PreprocessConfig preprocess)
    {
        this.spec = spec;
        this.steps = steps;
        this.microBatch = microBatch;
        this.model = model;
        this.preprocess = preprocess;
        towers = new CachedTowers(model);
        gradients = new GradientBuffer(model.Parameters);
        Optimizer = spec.Optimizer.Name == OptimizerName.Sgd
            ? new Sgd(spec.Optimizer, model.Parameters, gradients)
            : new AdamW(spec.Optimizer, model.Parameters, gradients);
    }

    public IOptimizer Optimizer { get; }

    public StepResult Run(Batch batch)
    {
        using var scope = NewDisposeScope();
        var watch = new StepWatch();
        var share = new MicroBatches(batch, microBatch, preprocess, model.Parameters.Device);
        double lr = LearningRate.At(spec.Optimizer, batch.Step, steps);
        double scale = Math.Exp(model.LogitScale.item<float>());

        gradients.Zero();
        var embeddings = towers.Embed(share); // [b, D] image and text
        double forward = watch.Lap();

        var loss = contrastive.Run(embeddings.Images, embeddings.Texts, scale); // value, gradients of the embeddings
        double lossSeconds = watch.Lap();

        towers.Backward(share, loss);
        gradients.AddToLogitScale(loss.LogitScale);
        double backward = watch.Lap();

        double norm = gradients.Norm();
        bool applied = double.IsFinite(loss.Value) && double.IsFinite(norm);
        if (applied)
            Update(batch.Step, lr, norm);
        return new StepResult(loss.Value, scale, lr, norm, applied, new StepSplit(0, forward, lossSeconds, backward, watch.Lap()));
    }

    private void Update(long step, double lr, double norm)
    {
        if (spec.Optimizer.ClipNorm > 0)
            gradients.Clip(norm, spec.Optimizer.ClipNorm);
        Optimizer.Step(step, lr);
        using var mode = no_grad();
        model.LogitScale.clamp_(0, LargestLogitScale);
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        gradients.Dispose();
    }

    private struct StepWatch()
    {
        private long last = Stopwatch.GetTimestamp();

        /// <summary>Seconds since the last lap.</summary>
        public double Lap()
        {
            long now = Stopwatch.GetTimestamp();
            double seconds = Stopwatch.GetElapsedTime(last, now).TotalSeconds;
            last = now;
            return seconds;
        }
    }
}

/// <summary>What one step computed.</summary>
/// <param name="LogitScale">exp(logit_scale) that the loss used.</param>
/// <param name="GradNorm">Before clipping.</param>
/// <param name="Applied">False where the loss or the norm was not finite: then the weights stayed.</param>
public sealed record StepResult(double Loss, double LogitScale, double Lr, double GradNorm, bool Applied, StepSplit Split);
