using System.Globalization;
using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>
/// The share of its processors' time that the replica on each slot has used since this was last asked, as Linux counts it for the
/// process. A slot without a replica has used none. Belongs to one caller.
/// </summary>
internal sealed class SlotUse(HostDevices devices, TimeProvider time)
{
    /// <summary>Of a second: the unit of /proc, the same on all machines.</summary>
    private const double TicksPerSecond = 100;

    // After the name of the program, which may hold anything, and its bracket: state is the first.
    private const int UserTicks = 11, SystemTicks = 12;

    private readonly Dictionary<int, (int ProcessId, long Ticks)> before = []; // by slot
    private long askedAt = time.GetTimestamp();

    /// <param name="processes">Of the replicas on slots, by the index of the slot.</param>
    public IEnumerable<DeviceState> Next(IReadOnlyDictionary<int, int> processes)
    {
        double seconds = time.GetElapsedTime(askedAt).TotalSeconds;
        askedAt = time.GetTimestamp();
        foreach (var slot in devices.Offered.Where(device => device.Kind == DeviceKind.Cpu))
        {
            double? used = processes.TryGetValue(slot.Index, out int process) ? Used(slot.Index, process) : Idle(slot.Index);
            if (used is { } cpu && seconds > 0)
                yield return new DeviceState
                {
                    Kind = DeviceKind.Cpu, Index = slot.Index, Utilisation = Math.Clamp(cpu / seconds / Math.Max(1, slot.Threads), 0, 1),
                };
        }
    }

    /// <summary>CPU seconds since it was last asked; null: this is the first time, or it has just ended.</summary>
    private double? Used(int slot, int process)
    {
        bool isKnown = before.Remove(slot, out var last) && last.ProcessId == process;
        if (Read(process) is not { } ticks)
            return null;
        before[slot] = (process, ticks);
        return isKnown ? (ticks - last.Ticks) / TicksPerSecond : null;
    }

    private double? Idle(int slot)
    {
        before.Remove(slot);
        return 0;
    }

    /// <returns>Null: it has ended.</returns>
    private static long? Read(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return Ticks(UserTicks) + Ticks(SystemTicks);

            long Ticks(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture);
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
