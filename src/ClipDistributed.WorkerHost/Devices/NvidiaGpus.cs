using System.Globalization;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>The GPUs that CUDA will show to this host's replicas.</summary>
internal static class NvidiaGpus
{
    public const string VisibleVariable = "CUDA_VISIBLE_DEVICES";

    /// <param name="program">The driver's.</param>
    /// <exception cref="BadInputException">CUDA_VISIBLE_DEVICES names a part of a GPU.</exception>
    public static IReadOnlyList<NvidiaGpu> Find(string program = NvidiaSmi.Program)
    {
        IGpuInventory[] sources = [new NvidiaSmi(program), new DriverFiles()];
        var gpus = sources.Select(source => source.Find()).First(found => found is not null)!;
        return Visible(gpus, Environment.GetEnvironmentVariable(VisibleVariable));
    }

    /// <param name="visible">Indices or ids with commas between them, up to the first that is none; null: all.</param>
    /// <exception cref="BadInputException">One of them is a part of a GPU.</exception>
    internal static IReadOnlyList<NvidiaGpu> Visible(IReadOnlyList<NvidiaGpu> gpus, string? visible)
    {
        var chosen = new List<NvidiaGpu>();
        foreach (string entry in visible?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            if (entry.StartsWith("MIG-", StringComparison.Ordinal))
                throw new BadInputException(
                    $"{VisibleVariable} names {entry}, a MIG instance; replicas use whole GPUs: name those, or use processors alone "
                        + "(clipd worker --gpus none, other commands --device cpu)."
                );
            var gpu = int.TryParse(entry, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index)
                ? gpus.ElementAtOrDefault(index)
                : OfId(gpus, entry);
            if (gpu is null || chosen.Count == gpus.Count)
                break;
            chosen.Add(gpu);
        }
        return visible is null ? gpus : chosen;
    }

    /// <param name="id">The beginning of one, as CUDA allows.</param>
    private static NvidiaGpu? OfId(IReadOnlyList<NvidiaGpu> gpus, string id)
    {
        if (!id.StartsWith("GPU-", StringComparison.Ordinal))
            return null;
        return gpus.FirstOrDefault(gpu => gpu.Uuid?.StartsWith(id, StringComparison.Ordinal) == true)
            ?? gpus.FirstOrDefault(gpu => gpu.Uuid is null)?.With(id);
    }

    private static NvidiaGpu With(this NvidiaGpu unknown, string id) => new("NVIDIA GPU", id);
}
