using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Training.Memory;

/// <summary>What a run needs of memory beside what its replica may use, and what follows from that. Pure arithmetic.</summary>
/// <param name="Needs">But for the micro-batch, the number of replicas and the GPU, which are filled in here.</param>
/// <param name="MaxReplicas">The most that will share a step.</param>
public sealed record MemoryFit(MemoryNeeds Needs, int MaxReplicas, MemoryLimits Limits)
{
    public ReplicaMemory Plan(int microBatch) =>
        ReplicaMemory.Largest(Needs with { MicroBatch = microBatch, GpuBytes = Limits.Gpu?.Total }, MaxReplicas);

    /// <param name="asked">batch.micro; null: auto, which takes the largest that fits, and 1 where none does.</param>
    /// <exception cref="BadInputException">It does not suit the model.</exception>
    public int MicroBatch(int? asked) => MicroBatchSize.Resolve(
        Needs.Model,
        (int)Needs.GlobalBatch,
        asked,
        Limits.Gpu is null ? MicroBatchSize.MaxOnProcessors : MicroBatchSize.MaxOnGpu,
        rows => Plan(rows) is var plan && FitsHost(plan) && FitsGpu(plan));

    /// <summary>Refuses a run that does not fit.</summary>
    /// <exception cref="BadInputException">With the arithmetic and what to change; a line for each memory.</exception>
    public void Check(int microBatch, MicroBatchOrigin origin)
    {
        var plan = Plan(microBatch);
        var refusal = new MemoryRefusal(this, microBatch, origin);
        var errors = new List<string>();
        if (!FitsHost(plan))
            errors.Add(refusal.OfHost(plan.Host));
        if (!FitsGpu(plan))
            errors.Add(refusal.OfGpu(plan.Gpu!));
        if (errors.Count > 0)
            throw new BadInputException(errors) { OfDevice = FitsHost(plan) };
    }

    private bool FitsHost(ReplicaMemory plan) => plan.Host.Total <= Limits.Host;

    private bool FitsGpu(ReplicaMemory plan) => plan.Gpu is null || plan.Gpu.Total <= Limits.Gpu!.Free;
}
