using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.Memory;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Runs;

/// <summary>The memory plan of one replica of a run, and the micro-batch that follows from it.</summary>
internal sealed class RunMemory
{
    private readonly RunContext run;
    private readonly HeldOutEvaluation evaluation;
    private readonly int maxReplicas;
    private readonly long? available;
    private readonly long readBytes;
    private bool isSettled;

    private RunMemory(RunContext run, HeldOutEvaluation evaluation, int maxReplicas, long? available)
    {
        (this.run, this.evaluation) = (run, evaluation);
        (this.maxReplicas, this.available) = (maxReplicas, available);
        (MicroBatch, isSettled) = (run.MicroBatch, run.MicroBatch > 0);
        readBytes = ReadMemory.Needed(run.Prepared.Manifest, run.Prepared.Order);
    }

    /// <param name="maxReplicas">The most that will share a step.</param>
    /// <param name="available">Bytes that this process may use; null: unknown, as on a GPU, and no run is refused.</param>
    /// <exception cref="BadInputException">The micro-batch does not suit the model, or the run does not fit into memory.</exception>
    public static RunMemory Of(RunContext run, HeldOutEvaluation evaluation, int maxReplicas, long? available)
    {
        var memory = new RunMemory(run, evaluation, maxReplicas, available);
        if (!memory.isSettled)
            memory.MicroBatch = memory.ResolveMicroBatch();
        if (available is { } bytes)
            memory.Plan(memory.MicroBatch).Check(bytes, memory.MicroBatch);
        return memory;
    }

    /// <summary>Rows that pass through the towers at once.</summary>
    public int MicroBatch { get; private set; }

    /// <summary>
    /// Hosts differ, a run has one micro-batch: the one that it was trained with so far; at its beginning the smallest that any
    /// of its members has room for.
    /// </summary>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public void AgreeOnMicroBatch(ICollective group, Device device)
    {
        var offers = group.AllGather(new Offer(MicroBatch, isSettled), device);
        MicroBatch = (offers.Any(offer => offer.Settled) ? offers.Where(offer => offer.Settled) : offers).Min(offer => offer.Rows);
        isSettled = true;
    }

    public MemoryPlanned Planned()
    {
        var plan = Plan(MicroBatch);
        return new MemoryPlanned { Parts = { plan.Parts }, Bytes = plan.Total, AvailableBytes = available ?? 0 };
    }

    public MemoryUsed Used() => new() { PlannedBytes = Plan(MicroBatch).Total, PeakBytes = HostMemory.Peak() };

    /// <summary>The largest that any number of replicas leads to: fewer have larger shares, more may keep the graphs of both
    /// towers.</summary>
    private MemoryPlan Plan(int rows)
    {
        var needs = new MemoryNeeds(
            run.Config.ModelCfg,
            run.Spec.Optimizer.Name,
            run.Spec.Precision,
            run.Plan.GlobalBatch,
            rows,
            1,
            readBytes,
            !evaluation.IsEmpty,
            evaluation.KeptBytes
        );
        return Enumerable
            .Range(1, maxReplicas)
            .Select(replicas => MemoryPlan.Of(needs with { Replicas = replicas }))
            .MaxBy(plan => plan.Total)!;
    }

    private int ResolveMicroBatch() => MicroBatchSize.Resolve(
        run.Config.ModelCfg,
        run.Plan.GlobalBatch,
        run.Spec.Batch.HasMicro ? (int)run.Spec.Batch.Micro : null,
        rows => available is not { } bytes || Plan(rows).Total <= bytes);

    private readonly record struct Offer(int Rows, bool Settled);
}
