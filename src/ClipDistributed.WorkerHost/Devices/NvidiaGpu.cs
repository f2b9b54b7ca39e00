namespace ClipDistributed.WorkerHost.Devices;

/// <summary>One NVIDIA GPU of this machine.</summary>
/// <param name="Name">The product's.</param>
/// <param name="Uuid">As in <c>GPU-5f0b3b2c-…</c>, which names it whatever else is visible; null: not known.</param>
/// <param name="MemoryMiB">Null: not known.</param>
/// <param name="IsCut">It is cut into MIG instances.</param>
internal sealed record NvidiaGpu(string Name, string? Uuid = null, long? MemoryMiB = null, bool IsCut = false)
{
    /// <summary>For lists of devices, as in <c>NVIDIA L4, 22 GiB</c>.</summary>
    public string Title => MemoryMiB is { } memory ? $"{Name}, {memory >> 10} GiB" : Name;
}
