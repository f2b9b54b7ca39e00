using System.Diagnostics;
using System.Globalization;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>Processor time of processes and of the whole machine, from /proc.</summary>
internal static class ProcessorTimes
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every x86-64 Linux

    public static TimeSpan Of(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    /// <summary>Of all processes together: user, nice, system, irq, softirq and steal.</summary>
    public static TimeSpan OfMachine()
    {
        double[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        return TimeSpan.FromSeconds((ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]) / TicksPerSecond);
    }
}
