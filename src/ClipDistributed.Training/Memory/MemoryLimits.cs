using ClipDistributed.Collectives.Cuda;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Memory;

/// <summary>The memory that a replica may use.</summary>
/// <param name="Host">Bytes of the host.</param>
/// <param name="Gpu">Before the replica placed anything there; null: it computes on processors.</param>
public sealed record MemoryLimits(long Host, CudaMemory? Gpu)
{
    /// <param name="host">No more than so many bytes of the host; null: what it gives.</param>
    /// <exception cref="Contracts.Errors.BadInputException">The GPU's memory cannot be read.</exception>
    public static MemoryLimits Of(Device device, long? host) =>
        new(HostMemory.Available(host), device.type == DeviceType.CUDA ? CudaMemory.Of(device.index) : null);
}
