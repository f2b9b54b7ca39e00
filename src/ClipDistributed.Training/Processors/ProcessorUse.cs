using System.Globalization;

namespace ClipDistributed.Training.Processors;

/// <summary>Linux's counters of this thread, this process and the machine, since each of them started.</summary>
/// <param name="Waited">Seconds for which the calling thread could have run and had no processor (<c>schedstat</c>).</param>
/// <param name="Own">Processor seconds of this process.</param>
/// <param name="Machine">Processor seconds of all processes, and those that a hypervisor took.</param>
/// <param name="Throttled">Seconds for which the control group's quota stopped its threads; 0 where there is none.</param>
public readonly record struct ProcessorUse(double Waited, double Own, double Machine, double Throttled)
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every x86-64 Linux

    /// <summary>Of the calling thread; null where the kernel does not count it.</summary>
    /// <param name="root">Where <c>proc</c> and <c>sys</c> are.</param>
    public static ProcessorUse? Now(string root = "/")
    {
        string[] schedule = Words(Path.Combine(root, "proc/thread-self/schedstat"));
        string[] machine = Words(Path.Combine(root, "proc/stat")); // cpu user nice system idle iowait irq softirq steal …
        if (schedule.Length < 2 || machine.Length < 9)
            return null;
        return new ProcessorUse(
            Number(schedule[1]) / 1e9,
            Environment.CpuUsage.TotalTime.TotalSeconds,
            (Number(machine[1]) + Number(machine[2]) + Number(machine[3]) + Number(machine[6]) + Number(machine[7]) + Number(machine[8]))
                / TicksPerSecond,
            ThrottledSeconds(Path.Combine(root, "sys/fs/cgroup/cpu.stat"))
        );
    }

    private static string[] Words(string path) =>
        File.Exists(path) && File.ReadLines(path).FirstOrDefault() is { } line
            ? line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : [];

    private static double ThrottledSeconds(string path) =>
        File.Exists(path)
            && File.ReadLines(path).FirstOrDefault(line => line.StartsWith("throttled_usec ", StringComparison.Ordinal)) is { } line
            ? Number(line.Split(' ')[1]) / 1e6 : 0;

    private static double Number(string word) => double.TryParse(word, CultureInfo.InvariantCulture, out double number) ? number : 0;
}
