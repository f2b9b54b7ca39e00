using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClipDistributed.WorkerHost.Places;

/// <summary>The processors that a thread may run on; a process that it starts begins with the same.</summary>
internal static partial class Affinity
{
    private const int Bytes = ProcessorList.Max / 8;

    /// <summary>Of the calling thread: what <c>taskset</c> or the control group's cpuset left; null: the kernel does not tell.</summary>
    public static IReadOnlyList<int>? Own()
    {
        byte[] mask = new byte[Bytes];
        return sched_getaffinity(0, Bytes, mask) == 0
            ? [.. Enumerable.Range(0, ProcessorList.Max).Where(i => (mask[i / 8] >> (i % 8) & 1) != 0)]
            : null;
    }

    /// <summary>Starts a process on these processors from its first instruction on: its runtime counts them early.</summary>
    /// <param name="processors">Null: those of this process.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static Process Start(ProcessStartInfo start, IReadOnlyList<int>? processors)
    {
        if (processors is null || Own() is not { } own)
            return Process.Start(start)!;
        Set(processors);
        try
        {
            return Process.Start(start)!;
        }
        finally
        {
            Set(own);
        }
    }

    /// <summary>Where the kernel refuses, the processors stay as they are: that is only slower.</summary>
    private static void Set(IReadOnlyList<int> processors)
    {
        byte[] mask = new byte[Bytes];
        foreach (int processor in processors)
            mask[processor / 8] |= (byte)(1 << (processor % 8));
        _ = sched_setaffinity(0, Bytes, mask);
    }

    [LibraryImport("libc")]
    private static partial int sched_getaffinity(int thread, nuint bytes, [Out] byte[] mask);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int thread, nuint bytes, byte[] mask);
}
