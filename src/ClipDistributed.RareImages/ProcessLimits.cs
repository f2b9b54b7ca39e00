using System.Runtime.InteropServices;

namespace ClipDistributed.RareImages;

/// <summary>What the kernel lets this process take.</summary>
internal static partial class ProcessLimits
{
    private const int Data = 2, Core = 4; // RLIMIT_DATA counts private memory that can be written, whatever allocates it; RLIMIT_CORE
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(1);

    /// <summary>Bounds the memory, writes no core dumps, and ends the process, also amid an image, when its parent has ended.</summary>
    public static void Apply(long memory)
    {
        _ = setrlimit(Data, new Limit((ulong)memory, (ulong)memory));
        _ = setrlimit(Core, new Limit(0, 0));
        int parent = getppid();
        new Thread(() =>
        {
            while (getppid() == parent)
                Thread.Sleep(Watch);
            Environment.Exit(0);
        }) { IsBackground = true }.Start();
    }

    private readonly record struct Limit(ulong Soft, ulong Hard);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, in Limit limit);

    [LibraryImport("libc")]
    private static partial int getppid();
}
