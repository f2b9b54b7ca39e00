using System.Globalization;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>What the driver shows as files: names and ids, where the container shows them; else the number of GPUs.</summary>
/// <param name="driver">The driver's folder, a folder for each GPU of the machine; missing in some containers.</param>
/// <param name="devices">The folder of device files; a container has those that it was given.</param>
internal sealed class DriverFiles(string driver = "/proc/driver/nvidia/gpus", string devices = "/dev") : IGpuInventory
{
    private static readonly NvidiaGpu Unknown = new("NVIDIA GPU");

    public IReadOnlyList<NvidiaGpu> Find()
    {
        int files = Directory.Exists(devices) ? Directory.EnumerateFiles(devices, "nvidia*").Count(IsGpu) : 0;
        List<NvidiaGpu> gpus = Directory.Exists(driver)
            ? [.. Directory.GetDirectories(driver).Order(StringComparer.Ordinal).Select(Read)]
            : [];
        // No device file at all says nothing: the driver makes them when CUDA is first used. Fewer than the machine has are a
        // container's, and which they are is not known.
        if (files > 0 && files != gpus.Count)
        {
            var known = gpus.Take(files).Select(gpu => gpu with { Uuid = null, BusId = null });
            return [.. known, .. Enumerable.Repeat(Unknown, Math.Max(0, files - gpus.Count))];
        }
        return gpus;
    }

    private static bool IsGpu(string path) =>
        int.TryParse(Path.GetFileName(path)["nvidia".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static NvidiaGpu Read(string folder)
    {
        string file = Path.Combine(folder, "information");
        string[] lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        string? uuid = Field(lines, "GPU UUID:");
        // Before the card is first used the driver prints question marks.
        return new NvidiaGpu(
            Field(lines, "Model:") ?? Unknown.Name,
            uuid?.Contains('?') == false ? uuid : null,
            BusId: PciAddress.Parse(Path.GetFileName(folder))
        );
    }

    private static string? Field(string[] lines, string name) =>
        Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();
}
