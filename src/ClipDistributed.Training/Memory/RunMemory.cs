using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Memory;

/// <summary>The memory plan of one replica of a run, and the micro-batch that follows from it.</summary>
internal sealed class RunMemory
{
    private readonly RunParts run;
    private readonly long readBytes;
    private readonly int mostReplicas;
    private readonly long? available;
    private int microBatch;

    /// <param name="mostReplicas">The most that will share a step.</param>
    /// <param name="available">Bytes that this process may use; null: not known, as on a GPU, and nothing is refused.</param>
    /// <exception cref="BadInputException">The micro-batch does not suit the model.</exception>
    public RunMemory(RunParts run, StreamOrder order, int mostReplicas, long? available)
    {
        this.run = run;
        this.mostReplicas = mostReplicas;
        this.available = available;
        readBytes = ReadMemory.Needed(run.Manifest, order);
        microBatch = run.MicroBatch > 0 ? run.MicroBatch
            : MicroBatchSize.Resolve(run.Config.ModelCfg, run.Plan.GlobalBatch, run.Spec.Batch.HasMicro ? (int)run.Spec.Batch.Micro : null, rows => available is not { } bytes || Plan(rows).Total <= bytes);
    }

    /// <exception cref="BadInputException">The run does not fit into memory.</exception>
    public void Check()
    {
        if (available is { } bytes)
            Plan(microBatch).Check(bytes, microBatch);
    }

    /// <summary>
    /// Hosts differ, a run has one micro-batch: what its members have trained or read from its state counts; at its beginning
    /// it is the smallest that any of them has room for.
    /// </summary>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public int AgreeOnMicroBatch(ICollective group, Device device)
    {
        var offers = group.AllGather(new Offer(microBatch, run.MicroBatch > 0), device);
        return microBatch = (offers.Any(offer => offer.Settled) ? offers.Where(offer => offer.Settled) : offers).Min(offer => offer.Rows);
    }

    public MemoryPlanned Planned()
    {
        var plan = Plan(microBatch);
        return new MemoryPlanned(plan.Parts, plan.Total, available ?? 0);
    }

    public MemoryUsed Used() => new(Plan(microBatch).Total, HostMemory.Peak());

    /// <summary>The largest that any number of replicas leads to: fewer have larger shares, more may keep the graphs of both towers.</summary>
    private MemoryPlan Plan(int rows)
    {
        bool evaluates = run.Zeroshot is not null || run.Retrieval.Count > 0;
        long heldOut = (run.Zeroshot is null ? 0 : run.Validation.Sum(images => images.KeptBytes)) + run.Retrieval.Sum(pairs => pairs.KeptBytes);
        var needs = new MemoryNeeds(run.Config.ModelCfg, run.Spec.Optimizer.Name, run.Spec.Precision, run.Plan.GlobalBatch, rows, 1, readBytes, evaluates, heldOut);
        return Enumerable.Range(1, mostReplicas).Select(replicas => MemoryPlan.Of(needs with { Replicas = replicas })).MaxBy(plan => plan.Total)!;
    }

    private readonly record struct Offer(int Rows, bool Settled);
}
