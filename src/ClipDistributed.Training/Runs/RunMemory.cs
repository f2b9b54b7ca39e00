using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.Memory;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Runs;

/// <summary>The memory plan of one replica of a run, and the micro-batch that follows from it.</summary>
internal sealed class RunMemory
{
    private readonly MemoryFit fit;
    private MicroBatchOrigin origin;
    private bool isSettled;

    private RunMemory(MemoryFit fit, int microBatch, MicroBatchOrigin origin) =>
        (this.fit, MicroBatch, this.origin, isSettled) = (fit, microBatch, origin, origin == MicroBatchOrigin.Settled);

    /// <param name="maxReplicas">The most that will share a step.</param>
    /// <exception cref="BadInputException">The micro-batch does not suit the model, or the run does not fit into memory.</exception>
    public static RunMemory Of(RunContext run, HeldOutEvaluation evaluation, int maxReplicas, MemoryLimits limits)
    {
        var needs = new MemoryNeeds(
            run.Config.ModelCfg,
            run.Spec.Optimizer.Name,
            run.Spec.Precision,
            run.Plan.GlobalBatch,
            run.MicroBatch,
            maxReplicas,
            ReadMemory.Needed(run.Prepared.Manifest, run.Prepared.Order),
            !evaluation.IsEmpty,
            evaluation.KeptBytes
        );
        return Of(new MemoryFit(needs, maxReplicas, limits), run.MicroBatch, run.Spec.Batch.HasMicro ? (int)run.Spec.Batch.Micro : null);
    }

    /// <param name="settled">The micro-batch of the run so far; 0: none yet.</param>
    /// <param name="asked">batch.micro; null: auto.</param>
    /// <exception cref="BadInputException">The micro-batch does not suit the model, or the run does not fit into memory.</exception>
    public static RunMemory Of(MemoryFit fit, int settled, int? asked)
    {
        var memory = settled > 0
            ? new RunMemory(fit, settled, MicroBatchOrigin.Settled)
            : new RunMemory(fit, fit.MicroBatch(asked), asked is null ? MicroBatchOrigin.Auto : MicroBatchOrigin.Spec);
        fit.Check(memory.MicroBatch, memory.origin);
        return memory;
    }

    /// <summary>Rows that pass through the towers at once.</summary>
    public int MicroBatch { get; private set; }

    /// <summary>What the GPU has, bytes; null: processors compute.</summary>
    public long? GpuBytes => fit.Limits.Gpu?.Total;

    /// <summary>
    /// Hosts and GPUs differ, a run has one micro-batch: the one that it was trained with so far; at its beginning the smallest that
    /// any of its members has room for, so that it fits all. Only models without batch normalisation offer what depends on a host.
    /// </summary>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    /// <exception cref="BadInputException">What the others trained with so far does not fit here.</exception>
    public void AgreeOnMicroBatch(ICollective group, Device device)
    {
        var offers = group.AllGather(new Offer(MicroBatch, isSettled), device);
        int agreed = (offers.Any(offer => offer.Settled) ? offers.Where(offer => offer.Settled) : offers).Min(offer => offer.Rows);
        isSettled = true;
        if (agreed == MicroBatch)
            return;
        (MicroBatch, origin) = (agreed, MicroBatchOrigin.Settled);
        fit.Check(MicroBatch, origin);
    }

    /// <summary>Does what allocates memory for the run.</summary>
    /// <exception cref="BadInputException">There was none left; with the arithmetic. A retry would find as little.</exception>
    public T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception thrown) when (FailedAllocation.Of(thrown) is { } failed)
        {
            throw new BadInputException(new MemoryRefusal(fit, MicroBatch, origin).Of(failed)) { OfDevice = failed.OnGpu };
        }
    }

    public MemoryPlanned Planned()
    {
        var plan = fit.Plan(MicroBatch);
        var planned = new MemoryPlanned { Parts = { plan.Host.Parts }, Bytes = plan.Host.Total, AvailableBytes = fit.Limits.Host };
        if (fit.Limits.Gpu is { } gpu && plan.Gpu is { } onGpu)
        {
            planned.Gpu = new GpuMemoryPlanned
            {
                Device = gpu.Name,
                Parts = { onGpu.Parts },
                Bytes = onGpu.Total,
                FreeBytes = gpu.Free,
                TotalBytes = gpu.Total,
            };
        }
        return planned;
    }

    public MemoryUsed Used()
    {
        var plan = fit.Plan(MicroBatch);
        var used = new MemoryUsed { PlannedBytes = plan.Host.Total, PeakBytes = HostMemory.Peak() };
        // libtorch's allocator gives nothing back: what it holds at the end is the most that it needed.
        if (fit.Limits.Gpu is { } before && plan.Gpu is { } onGpu)
        {
            long taken = before.Free - CudaMemory.Of(before.Device).Free;
            used.Gpu = new GpuMemoryUsed { PlannedBytes = onGpu.Total, PeakBytes = Math.Max(0, taken) };
        }
        return used;
    }

    private readonly record struct Offer(int Rows, bool Settled);
}
