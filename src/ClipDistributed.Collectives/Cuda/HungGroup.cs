using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Collectives.Cuda;

/// <summary>
/// NCCL or the driver does not come back from an abort: then nothing may reuse the memory that the group works on, and no thread
/// that waits for it can be woken. The process ends; its host starts another replica, which receives the state from the others.
/// </summary>
internal static partial class HungGroup
{
    /// <summary>At once: what runs when a process ends in good order would wait for the same driver.</summary>
    public static void EndProcess(string group, string detail)
    {
        Console.Error.WriteLine($"The abort of {group} did not end: {detail}. This replica ends and is started again.");
        _exit(ExitCodes.Failed);
    }

    [LibraryImport("libc")]
    private static partial void _exit(int code);
}
