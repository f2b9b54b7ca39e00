using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>What this machine can offer.</summary>
internal static class HostDevices
{
    /// <summary>Slots of the processors first, then GPUs.</summary>
    /// <exception cref="BadInputException">A GPU that was asked for is not there, or nothing is left to offer.</exception>
    public static IReadOnlyList<Device> Find(WorkerOptions options)
    {
        var found = NvidiaGpus.Names();
        var wanted = options.Gpus ?? [.. Enumerable.Range(0, found.Count)];
        if (wanted.Where(gpu => gpu >= found.Count).ToList() is { Count: > 0 } missing)
            throw new BadInputException(
                $"gpus names {string.Join(", ", missing)}; this host has "
                    + $"{(found.Count == 0 ? "no GPU" : $"the GPUs 0 to {found.Count - 1}")} that the NVIDIA driver shows."
            );
        int replicas = options.Slots + wanted.Count;
        if (replicas == 0)
            throw new BadInputException("slots is 0 and there is no GPU: this host has nothing to offer; give --slots 1 or more.");
        int threads = options.ThreadsPerSlot ?? Math.Max(1, Environment.ProcessorCount / replicas);
        return
        [
            .. Enumerable
                .Range(0, options.Slots)
                .Select(slot => new Device
                {
                    Kind = DeviceKind.Cpu,
                    Index = slot,
                    Threads = threads,
                    Name = $"{threads} of {Environment.ProcessorCount} processors",
                }),
            .. wanted.Select(gpu => new Device
            {
                Kind = DeviceKind.Cuda,
                Index = gpu,
                Threads = threads,
                Name = found[gpu],
            }),
        ];
    }

    /// <summary>Bytes that this process may use: the machine's memory, or its container's.</summary>
    public static long MemoryBytes() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}
