using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Optimization;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Steps;

/// <summary>
/// One optimizer update over one global batch, on every replica of a generation at once; the index page of training.
/// Synchronous, on one thread: dispose scopes and gradient mode belong to the thread.
/// </summary>
public sealed class TrainStep : IDisposable
{
    private static readonly double MaxLogitScale = Math.Log(100);

    private readonly StepRecipe recipe;
    private readonly TrainState state;
    private readonly ICollective group;
    private readonly StepProgress progress;
    private readonly CachedTowers towers;
    private readonly EmbeddingGather gather;
    private readonly IContrastiveLoss contrastive;
    private readonly GradientBuckets buckets;

    /// <param name="group">The replicas that compute together; the state stays when they change.</param>
    public TrainStep(StepRecipe recipe, TrainState state, ICollective group, StepProgress progress)
    {
        this.recipe = recipe;
        this.state = state;
        this.group = group;
        this.progress = progress;
        buckets = new GradientBuckets(state.Model.Parameters.Slots, state.Gradients.Flat, group, recipe.BucketElements);
        towers = new CachedTowers(state.Model, group.World > 1 ? buckets.Complete : null); // alone there is nothing to send
        gather = new EmbeddingGather(group, recipe.Spec.Batch?.Gather == Precision.Bfloat16);
        int tile = TileSide.On(state.Model.Parameters.Device.type, recipe.GpuMemory);
        contrastive = recipe.Spec.Loss == Contracts.Spec.V1.Loss.Sigmoid ? new SigmoidLoss(tile) : new SoftmaxLoss(group, tile);
    }

    /// <summary>
    /// A step that is non-finite is repeated once, every replica with the share of the next rank: a broken replica fails again,
    /// a bad sample takes its failure along to another. A step that stays non-finite changes neither weights nor moments nor statistics.
    /// </summary>
    /// <param name="batch">This replica's share.</param>
    /// <param name="shares">Of all replicas.</param>
    /// <param name="rotated">Gives the share of the next rank, where the step is repeated.</param>
    /// <param name="command">The highest numbered command that this replica holds.</param>
    /// <param name="savesNext">A checkpoint is due after this step by this replica's clock.</param>
    /// <exception cref="CollectiveException">A member or the network was lost; nothing was applied.</exception>
    /// <exception cref="FaultyReplicaException">A member computes non-finite numbers with any rows; nothing was applied.</exception>
    public StepResult Run(Batch batch, Shares shares, Func<Batch> rotated, long command = 0, bool savesNext = false)
    {
        double lr = LearningRate.At(recipe.Spec.Optimizer, batch.Step, recipe.Steps);
        var outcome = Compute(batch, shares, command, savesNext);
        string remark = "";
        if (!outcome.IsFinite)
        {
            progress.Enter(StepPhase.Data);
            var second = Compute(rotated(), shares.Rotated(), command, savesNext);
            var verdict = NonFiniteVerdict.Decide(batch.Step, outcome, second, group.World);
            if (verdict is NonFiniteVerdict.Exclude exclude)
                throw new FaultyReplicaException(exclude.Rank == group.Rank, exclude.Reason);
            (outcome, remark) = (second, verdict.Reason);
        }
        if (outcome.IsFinite)
            Update(batch.Step, lr, outcome.GradNorm);
        state.AppliedStep = batch.Step;
        var agreed = outcome.Agreed;
        return new StepResult(
            agreed.Loss,
            outcome.LogitScale,
            lr,
            outcome.GradNorm,
            outcome.IsFinite,
            agreed.Digest,
            agreed.Replaced,
            agreed.Command,
            agreed.SavesNext,
            remark
        );
    }

    /// <summary>All of a step but the update: afterwards the gradients are those of the global batch, on all replicas.</summary>
    private StepOutcome Compute(Batch batch, Shares shares, long command, bool savesNext)
    {
        using var scope = NewDisposeScope();
        var model = state.Model;
        var device = model.Parameters.Device;
        using var share = new MicroBatches(batch, recipe.MicroBatch, recipe.Preprocess, device, progress.EnterMicroBatch)
        {
            KeepsPixels = batch.Count > recipe.MicroBatch && MicroBatches.PixelsFit(batch, device.type, recipe.GpuMemory),
        };

        progress.Enter(StepPhase.Forward);
        state.Gradients.Zero();
        using var norms = model.Statistics?.Begin(); // batch norms take the micro-batch's statistics until the step ends
        var local = towers.Embed(share); // [b, D] image and text
        norms?.Close();
        var (scale, bias, finite) = Read(local);

        progress.Enter(StepPhase.Wait); // for the slowest replica: its time must not count as the gather's
        var entry = new StepEntry(finite, shares.Fingerprint); // the gather mixes all replicas' numbers
        var entries = group.AllGather(entry, device);
        StepEntry.ThrowIfSharesDiffer(entries, batch.Step);

        progress.Enter(StepPhase.Gather);
        var global = gather.Run(local, shares); // [N, D], in the order of the slots

        progress.Enter(StepPhase.Loss);
        var loss = contrastive.Run(global, scale, bias); // this replica's part, and the gradients of its rows

        progress.Enter(StepPhase.Backward);
        AddGradientsOfScalars(loss);
        towers.Backward(share, loss); // starts each bucket's all-reduce as it fills

        progress.Enter(StepPhase.Reduce);
        var own = buckets.Wait();
        double[] read = HostReads.Read(state.Gradients.Norm(), own);
        if (model.Statistics is { } statistics)
            group.StartAllReduce(statistics.Sum).Wait(); // over all micro-batches of the global batch
        int replaced = batch.Samples.Count(row => row.Used != row.Planned);
        var parts = new StepAgreement(loss.Value, share.Digest(), replaced, command, double.IsFinite(read[1]), savesNext, progress.Waiting)
            .Exchange(group, device);
        progress.PeerWaits.Add([.. parts.Select(part => part.Waited)], group.Rank);

        progress.Enter(StepPhase.Optimizer);
        return new StepOutcome(
            StepAgreement.Sum(parts),
            GradNorm: read[0],
            [.. entries.Select(one => one.EmbeddingsFinite)],
            [.. parts.Select(part => part.GradientsFinite)]
        )
        {
            LogitScale = scale,
        };
    }

    /// <summary>What the loss takes as numbers, and whether this replica's rows are finite; of a replica alone the loss shows it.</summary>
    private (double Scale, double Bias, bool Finite) Read(Embeddings local)
    {
        var (scale, bias) = (state.Model.LogitScale, state.Model.LogitBias);
        double[] read = HostReads.Read(scale, bias ?? scale, local.Sum());
        return (Math.Exp(read[0]), bias is null ? 0 : read[1], group.World == 1 || double.IsFinite(read[2]));
    }

    private void AddGradientsOfScalars(LossResult loss)
    {
        state.Gradients.Add(state.Model.LogitScale, loss.LogitScale);
        if (state.Model.LogitBias is { } bias)
            state.Gradients.Add(bias, loss.LogitBias);
    }

    private void Update(long step, double lr, double norm)
    {
        if (recipe.Spec.Optimizer.ClipNorm > 0)
            state.Gradients.Clip(norm, recipe.Spec.Optimizer.ClipNorm);
        state.Optimizer.Step(step, lr);
        state.Model.Statistics?.Apply();
        using var mode = no_grad();
        state.Model.LogitScale.clamp_(0, MaxLogitScale);
    }

    public void Dispose()
    {
        towers.Dispose();
        buckets.Dispose();
    }
}
