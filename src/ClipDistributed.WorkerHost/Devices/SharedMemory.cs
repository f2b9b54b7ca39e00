using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>
/// The shared memory of this machine or container. Where GPUs cannot reach each other directly, NCCL passes data between the
/// processes of a host through files there, about 10 MB for each pair and channel; Gloo does not use it.
/// </summary>
internal static class SharedMemory
{
    public const string Folder = "/dev/shm";

    /// <summary>As NVIDIA advises for containers; Docker and Kubernetes give 64 MiB.</summary>
    public const long Enough = 1L << 30;

    /// <summary>Its size in bytes; null: there is none.</summary>
    public static long? Size(string folder = Folder) => Directory.Exists(folder) ? new DriveInfo(folder).TotalSize : null;

    /// <param name="size">As of <see cref="Size"/>.</param>
    /// <param name="gpus">That this host offers.</param>
    /// <returns>Why groups of its replicas may fail, and the remedy; null: there is enough of it, or none is needed.</returns>
    public static string? Notice(long? size, int gpus)
    {
        if (gpus < 2 || size >= Enough)
            return null;
        string has = size is { } bytes ? $"{Folder} has {bytes >> 20:N0} MiB" : $"There is no {Folder}";
        return $"{has}, and NCCL passes data between replicas of one host through it: give {Counted.Of(gpus, "GPU")} 1 GiB or more (docker "
            + "run --shm-size=1g; in Kubernetes an emptyDir of medium Memory mounted there), or groups of several replicas may fail.";
    }
}
