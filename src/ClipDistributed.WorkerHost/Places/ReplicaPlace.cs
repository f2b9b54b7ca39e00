using System.Diagnostics;
using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Places;

/// <summary>Where the process of one replica computes.</summary>
/// <param name="Device">As that process names it, for example <c>cuda:0</c>.</param>
/// <param name="Threads">Of one tensor operator.</param>
public sealed record ReplicaPlace(string Device, int Threads)
{
    /// <summary>NCCL would choose by itself, and not always the network on which members asked each other.</summary>
    private const string NcclInterface = "NCCL_SOCKET_IFNAME";

    /// <summary>The only GPU that it sees, by id; null: it sees what this process sees.</summary>
    internal string? VisibleGpu { get; init; }

    /// <summary>Those near its GPU; null: all of this process.</summary>
    internal IReadOnlyList<int>? Processors { get; init; }

    /// <summary>The network interface of its collective groups; null: none is named, or the user named one.</summary>
    internal string? Interface { get; init; }

    /// <summary>On this machine's processors.</summary>
    public static ReplicaPlace OnProcessors(int threads) => new("cpu", threads);

    /// <param name="index">Among the GPUs that CUDA shows to this process.</param>
    /// <param name="gpu">Null: it is not known.</param>
    /// <param name="own">The processors of this process; null: they are not known.</param>
    internal static ReplicaPlace OnGpu(int index, NvidiaGpu? gpu, int threads, NumaNodes nodes, IReadOnlyList<int>? own)
    {
        int[] near = gpu?.BusId is { } bus && nodes.ProcessorsNear(bus) is { } processors ? [.. processors.Intersect(own ?? [])] : [];
        return new ReplicaPlace(gpu?.Uuid is null ? $"cuda:{index}" : "cuda:0", threads)
        {
            VisibleGpu = gpu?.Uuid,
            Processors = near.Length > 0 && near.Length < own!.Count ? near : null,
        };
    }

    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public Process Start(ProcessStartInfo start)
    {
        Prepare(start);
        return Affinity.Start(start, Processors);
    }

    internal void Prepare(ProcessStartInfo start)
    {
        if (VisibleGpu is not null)
            start.Environment[NvidiaGpus.VisibleVariable] = VisibleGpu;
        if (Interface is not null && !start.Environment.ContainsKey(NcclInterface))
            start.Environment[NcclInterface] = $"={Interface}"; // the name itself, not all that begin with it
    }
}
