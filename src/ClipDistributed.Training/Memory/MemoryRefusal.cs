using System.Globalization;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Training.Memory;

/// <summary>Says why a run does not fit into memory: what needs how much, what there is, and what to change.</summary>
internal sealed record MemoryRefusal(MemoryFit Fit, int MicroBatch, MicroBatchOrigin Origin)
{
    /// <param name="plan">That does not fit.</param>
    public string OfHost(MemoryPlan plan) =>
        $"the run needs {MemoryPlan.Show(plan.Total)} of memory on this host, which has {MemoryPlan.Show(Fit.Limits.Host)} for it: "
        + $"{plan}. {HostRemedy}";

    /// <param name="plan">That does not fit.</param>
    public string OfGpu(MemoryPlan plan)
    {
        var gpu = Fit.Limits.Gpu!;
        string others = plan.Total <= gpu.Total ? ", or end what else uses it (nvidia-smi lists that)" : "";
        return $"the run needs {AtLeast(plan.Total)} of memory on {gpu.Name}, which has {MemoryPlan.Show(gpu.Free)} free of "
            + $"{MemoryPlan.Show(gpu.Total)}: {Parts(plan)}. {GpuRemedy($"a GPU with at least {AtLeast(Smallest())} free")}{others}.";
    }

    /// <summary>Of memory that ran out although the plan fitted.</summary>
    public string Of(FailedAllocation failed)
    {
        var plan = Fit.Plan(MicroBatch);
        if (!failed.OnGpu || Fit.Limits.Gpu is not { } gpu || plan.Gpu is null)
            return $"this host has no memory left ({failed.Text}). Planned were {MemoryPlan.Show(plan.Host.Total)} of "
                + $"{MemoryPlan.Show(Fit.Limits.Host)}: {plan.Host}. {HostRemedy}";
        return $"{gpu.Name} has no memory left ({failed.Text}). Planned were {MemoryPlan.Show(plan.Gpu.Total)} of the "
            + $"{MemoryPlan.Show(gpu.Free)} that were free of {MemoryPlan.Show(gpu.Total)}: {Parts(plan.Gpu)}. "
            + $"{GpuRemedy("a GPU with more memory")}, or end what else uses it (nvidia-smi lists that).";
    }

    private string HostRemedy => Origin == MicroBatchOrigin.Settled
        ? "The run keeps its batches: lower limits.read_ahead_bytes, or take a host with more memory."
        : Fit.Limits.Gpu is not null
        ? "Lower batch.global or limits.read_ahead_bytes, take a smaller model, or a host with more memory."
        : $"Lower batch.micro (it is {MicroBatch}), batch.global or limits.read_ahead_bytes, take a smaller model, or a host with "
            + "more memory.";

    /// <summary>Without the point at its end.</summary>
    private string GpuRemedy(string larger)
    {
        if (Origin == MicroBatchOrigin.Settled)
            return $"The run keeps the micro-batch of {MicroBatch} that it began with: take {larger}";
        string precision = Fit.Needs.Precision == Precision.Bfloat16 ? "" : "set precision to bfloat16, ";
        string micro = MicroBatch == 1 ? ""
            : Fit.Needs.Model.HasBatchNorm
            ? $"set batch.micro to a smaller divisor of batch.global (it is {MicroBatch}: with batch normalisation it decides the "
                + $"trajectory and never comes from a GPU), "
            : $"lower batch.micro (it is {MicroBatch}), ";
        string all = $"{micro}lower batch.global, {precision}take a smaller model, or take {larger}";
        return $"{char.ToUpperInvariant(all[0])}{all[1..]}";
    }

    /// <summary>What is enough: a larger GPU may take more for the same run, to be quicker.</summary>
    private long Smallest()
    {
        var gpu = Fit.Limits.Gpu!;
        long needed = OnGpu(gpu);
        for (; needed > gpu.Total; needed = OnGpu(gpu))
            gpu = gpu with { Total = needed };
        return needed;
    }

    private long OnGpu(CudaMemory gpu) => (Fit with { Limits = Fit.Limits with { Gpu = gpu } }).Plan(MicroBatch).Gpu!.Total;

    /// <summary>With what a row of the micro-batch costs, where it is the rows that cost.</summary>
    private string Parts(MemoryPlan plan)
    {
        long activations = Activations(plan);
        var training = (Fit with { Needs = Fit.Needs with { Evaluates = false } }).Plan(MicroBatch);
        return activations > Activations(training.Gpu!)
            ? $"{plan} (activations of an evaluation)"
            : $"{plan} (activations of {Counted.Plain(MicroBatch, "row")}, {MemoryPlan.Show(activations / MicroBatch)} each)";
    }

    private static long Activations(MemoryPlan plan) => plan.Parts.Single(part => part.Name == ReplicaMemory.Activations).Bytes;

    /// <summary>Rounded up, as in <c>1.6 GiB</c>: so much is enough.</summary>
    private static string AtLeast(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(bytes / (double)(1L << 30) * 10) / 10:0.0} GiB");
}
