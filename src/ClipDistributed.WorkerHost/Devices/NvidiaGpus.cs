using System.Globalization;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>The GPUs that CUDA will show to a replica of this host, found without loading CUDA.</summary>
internal static class NvidiaGpus
{
    private const string Unknown = "NVIDIA GPU";

    /// <summary>Product names in the order of CUDA's indices.</summary>
    public static IReadOnlyList<string> Names() =>
        Names("/proc/driver/nvidia/gpus", "/dev", Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"));

    /// <param name="driver">The driver's folder, a folder for each GPU of the machine; missing in some containers.</param>
    /// <param name="devices">The folder of device files; a container has those that it was given.</param>
    /// <param name="visible">Indices or ids with commas between them, up to the first that is none; null: all.</param>
    internal static IReadOnlyList<string> Names(string driver, string devices, string? visible)
    {
        int files = Directory.Exists(devices) ? Directory.EnumerateFiles(devices, "nvidia*").Count(IsGpu) : 0;
        List<string> names = Directory.Exists(driver)
            ? [.. Directory.GetDirectories(driver).Order(StringComparer.Ordinal).Select(ProductName)]
            : [];
        // No device file at all says nothing: the driver makes them when CUDA is first used.
        if (files > 0 && files != names.Count)
            names = [.. names.Take(files), .. Enumerable.Repeat(Unknown, Math.Max(0, files - names.Count))];
        return visible is null ? names : Visible(names, visible);
    }

    private static List<string> Visible(List<string> names, string visible)
    {
        var chosen = new List<string>();
        foreach (string entry in visible.Split(',', StringSplitOptions.TrimEntries))
        {
            bool isIndex = int.TryParse(entry, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index);
            if (entry == "" || chosen.Count == names.Count || isIndex && (index < 0 || index >= names.Count))
                break;
            chosen.Add(isIndex ? names[index] : Unknown);
        }
        return chosen;
    }

    private static bool IsGpu(string path) =>
        int.TryParse(Path.GetFileName(path)["nvidia".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string ProductName(string folder)
    {
        const string model = "Model:";
        string file = Path.Combine(folder, "information");
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(text => text.StartsWith(model, StringComparison.Ordinal))
            : null;
        return line?[model.Length..].Trim() ?? Unknown;
    }
}
