using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Devices that replicas may get, by their kinds: the queue asks for each run in it.</summary>
/// <param name="Cuda">The ones in use included, as <paramref name="Cpu"/>.</param>
/// <param name="FreeCuda">That no run uses, as <paramref name="FreeCpu"/>.</param>
internal readonly record struct DeviceCounts(int Cuda, int Cpu, int FreeCuda, int FreeCpu)
{
    /// <param name="devices">Of all connected hosts.</param>
    public static DeviceCounts Of(IEnumerable<OfferedDevice> devices)
    {
        var counts = new DeviceCounts();
        foreach (var device in devices.Where(device => device.Closed is null))
        {
            int free = device.RunId is null ? 1 : 0;
            counts = device.Id.Kind == DeviceKind.Cuda
                ? counts with { Cuda = counts.Cuda + 1, FreeCuda = counts.FreeCuda + free }
                : counts with { Cpu = counts.Cpu + 1, FreeCpu = counts.FreeCpu + free };
        }
        return counts;
    }

    /// <summary>With all of them it can.</summary>
    public bool CanEverRun(RunNeed need) => Cuda >= need.Min || Cpu >= need.Min;

    public bool CanRunNow(RunNeed need) => FreeCuda >= need.Min || FreeCpu >= need.Min;
}
