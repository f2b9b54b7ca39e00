namespace ClipDistributed.WorkerHost.Options;

internal static class MachineMemory
{
    /// <summary>Bytes that this process may use: the machine's memory, or its container's.</summary>
    public static long Bytes() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}
