using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>One NVIDIA GPU of this machine.</summary>
/// <param name="Name">The product's.</param>
/// <param name="Uuid">As in <c>GPU-5f0b3b2c-…</c>, which names it whatever else is visible; null: not known.</param>
/// <param name="MemoryMiB">Null: not known.</param>
/// <param name="IsCut">It is cut into MIG instances.</param>
/// <param name="BusId">Its PCI address as Linux writes it, as in <c>0000:3b:00.0</c>; null: not known.</param>
internal sealed record NvidiaGpu(string Name, string? Uuid = null, long? MemoryMiB = null, bool IsCut = false, string? BusId = null)
{
    /// <param name="index">Among the GPUs that CUDA shows.</param>
    public Device ToDevice(int index, int threads)
    {
        var device = new Device { Kind = DeviceKind.Cuda, Index = index, Threads = threads, Name = Name, Uuid = Uuid ?? "" };
        if (MemoryMiB is { } memory)
            device.MemoryBytes = memory << 20;
        return device;
    }
}
