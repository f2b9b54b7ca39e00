using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClipDistributed.Collectives.Cuda;

/// <summary>
/// What a thread does between two looks at a device or at NCCL: it spins for as long as a short operation takes, and sleeps then, so
/// that those who decode the next batches have the processor.
/// </summary>
internal readonly partial struct PollWait()
{
    private static readonly TimeSpan Spinning = TimeSpan.FromMicroseconds(50);

    // Thread.Sleep knows milliseconds, which is the length of a whole collective.
    private const uint SleepMicroseconds = 50;

    private readonly long start = Stopwatch.GetTimestamp();

    public void Once()
    {
        if (Stopwatch.GetElapsedTime(start) < Spinning)
            Thread.SpinWait(10);
        else
            _ = usleep(SleepMicroseconds);
    }

    [LibraryImport("libc")]
    private static partial int usleep(uint microseconds);
}
