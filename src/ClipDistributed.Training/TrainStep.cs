using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>
/// One optimizer update over one global batch, on every replica of a generation at once; the index page of training.
/// Synchronous, on one thread: dispose scopes and gradient mode belong to the thread.
/// </summary>
public sealed class TrainStep : IDisposable
{
    private static readonly double LargestLogitScale = Math.Log(100);

    private readonly StepRecipe recipe;
    private readonly TrainState state;
    private readonly ICollective group;
    private readonly StepClock clock;
    private readonly CachedTowers towers;
    private readonly EmbeddingGather gather;
    private readonly IContrastiveLoss contrastive;
    private readonly GradientBuckets buckets;

    /// <param name="group">The replicas that compute together; the state stays when they change.</param>
    public TrainStep(StepRecipe recipe, TrainState state, ICollective group, StepClock clock)
    {
        this.recipe = recipe;
        this.state = state;
        this.group = group;
        this.clock = clock;
        buckets = new GradientBuckets(state.Model.Parameters.Slots, state.Gradients.Flat, group);
        towers = new CachedTowers(state.Model, buckets.Complete);
        gather = new EmbeddingGather(group, recipe.Spec.Batch?.Gather == Precision.Bfloat16);
        contrastive = recipe.Spec.Loss == Contracts.Spec.V1.Loss.Sigmoid ? new SigmoidLoss() : new SoftmaxLoss(group);
    }

    /// <param name="batch">This replica's share.</param>
    /// <param name="shares">Everyone's.</param>
    /// <param name="command">The highest numbered command that this replica holds.</param>
    /// <exception cref="CollectiveException">A member or the network was lost; nothing was applied.</exception>
    public StepResult Run(Batch batch, Shares shares, long command = 0)
    {
        using var scope = NewDisposeScope();
        var model = state.Model;
        var share = new MicroBatches(batch, recipe.MicroBatch, recipe.Preprocess, model.Parameters.Device, clock.Piece);
        double lr = LearningRate.At(recipe.Spec.Optimizer, batch.Step, recipe.Steps);
        double scale = Math.Exp(model.LogitScale.item<float>());
        double bias = model.LogitBias?.item<float>() ?? 0;

        clock.Enter(StepPhase.Forward);
        state.Gradients.Zero();
        using var norms = model.Statistics?.Begin(); // batch norms take the micro-batch's statistics until the step ends
        var local = towers.Embed(share); // [b, D] image and text
        norms?.Close();
        clock.Enter(StepPhase.Wait);
        group.AllGather((byte)1, model.Parameters.Device); // whoever is slowest is waited for here, and not in the gather

        clock.Enter(StepPhase.Gather);
        var global = gather.Run(local, shares); // [N, D], in the order of the slots
        clock.Enter(StepPhase.Loss);
        var loss = contrastive.Run(global, scale, bias); // this replica's part, and the gradients of its rows

        clock.Enter(StepPhase.Backward);
        state.Gradients.Add(model.LogitScale, loss.LogitScale);
        if (model.LogitBias is { } logitBias)
            state.Gradients.Add(logitBias, loss.LogitBias);
        towers.Backward(share, loss); // starts each bucket's all-reduce as it fills
        clock.Enter(StepPhase.Reduce);
        buckets.Wait();
        if (model.Statistics is { } statistics)
            group.StartAllReduce(statistics.Sum).Wait(); // over all micro-batches of the global batch
        var agreed = new StepAgreement(loss.Value, share.Digest(), batch.Samples.Count(row => row.Used != row.Planned), command).Reach(group, model.Parameters.Device);

        clock.Enter(StepPhase.Optimizer);
        double norm = state.Gradients.Norm();
        bool applied = double.IsFinite(agreed.Loss) && double.IsFinite(norm);
        if (applied)
            Update(batch.Step, lr, norm);
        state.AppliedStep = batch.Step;
        return new StepResult(agreed.Loss, scale, lr, norm, applied, agreed.Digest, agreed.Replaced, agreed.Command);
    }

    private void Update(long step, double lr, double norm)
    {
        if (recipe.Spec.Optimizer.ClipNorm > 0)
            state.Gradients.Clip(norm, recipe.Spec.Optimizer.ClipNorm);
        state.Optimizer.Step(step, lr);
        state.Model.Statistics?.Apply();
        using var mode = no_grad();
        state.Model.LogitScale.clamp_(0, LargestLogitScale);
    }

    public void Dispose() => buckets.Dispose();
}

/// <summary>What makes a step of a run, the same on all replicas.</summary>
/// <param name="Steps">The last step of the run, which the schedule ends at.</param>
/// <param name="MicroBatch">Rows that pass through the towers at once.</param>
public sealed record StepRecipe(TrainingSpec Spec, long Steps, int MicroBatch, PreprocessConfig Preprocess);

/// <summary>What one step computed; the same on all replicas.</summary>
/// <param name="LogitScale">exp(logit_scale) that the loss used.</param>
/// <param name="GradNorm">Before clipping.</param>
/// <param name="Applied">False where the loss or the norm was not finite: then the weights stayed.</param>
/// <param name="Digest">Of the rows that entered the towers, all replicas' together.</param>
/// <param name="Replaced">Rows that stood in for damaged ones.</param>
/// <param name="Command">The highest numbered command that every replica held: from the next step on it is in force.</param>
public sealed record StepResult(double Loss, double LogitScale, double Lr, double GradNorm, bool Applied, StepDigest Digest, int Replaced, long Command);
