using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu.Devices;

/// <summary>The memory in use on a device: of a GPU all that its users hold, on processors what of this process is resident.</summary>
/// <remarks>libtorch returns no memory to a GPU, so what is in use after some work is the peak of it.</remarks>
internal static class DeviceMemory
{
    private const string Resident = "VmRSS:", Peak = "VmHWM:";

    /// <summary>Bytes of a GPU in all; null: processors compute.</summary>
    public static long? Total(Device device) => device.type == DeviceType.CUDA ? CudaDriver.Memory(device.index).Total : null;

    public static double UsedMiB(Device device)
    {
        if (device.type != DeviceType.CUDA)
            return StatusMiB(Resident);
        var (free, total) = CudaDriver.Memory(device.index);
        return (total - free) / (double)(1 << 20);
    }

    /// <summary>The most that has been in use.</summary>
    public static double PeakMiB(Device device) => device.type == DeviceType.CUDA ? UsedMiB(device) : StatusMiB(Peak);

    private static double StatusMiB(string key) =>
        double.Parse(
            File.ReadLines("/proc/self/status")
                .First(line => line.StartsWith(key, StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture)
        / 1024;
}
