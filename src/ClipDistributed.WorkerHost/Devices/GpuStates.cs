using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>How GPUs are, as nvidia-smi reports it: free memory, temperature, use, and faults that only a reset or a repair ends.</summary>
internal static class GpuStates
{
    /// <summary>Of its query.</summary>
    public const string Fields = "uuid,memory.free,temperature.gpu,ecc.errors.uncorrected.volatile.total,utilization.gpu";

    /// <param name="before">What was known: stays of a GPU of which the answer says nothing.</param>
    /// <param name="gpus">Those of interest, by the index of their device.</param>
    public static IReadOnlyList<DeviceState> Next(
        IReadOnlyList<DeviceState> before, SmiAnswer answer, IReadOnlyDictionary<int, NvidiaGpu> gpus)
    {
        var listed = answer.Lines.Select(line => line.Split(',', StringSplitOptions.TrimEntries))
            .Where(fields => fields.Length is 4 or 5 && fields[0].StartsWith("GPU-", StringComparison.Ordinal))
            .DistinctBy(fields => fields[0]).ToDictionary(fields => fields[0], StringComparer.Ordinal);
        bool isWhole = answer.ExitCode == 0 || answer.LineWith("No devices were found") is not null;
        return [.. gpus.Select(gpu => Next(gpu.Key, gpu.Value)).OfType<DeviceState>()];

        DeviceState? Next(int index, NvidiaGpu gpu)
        {
            if (gpu.Uuid is { } id && listed.TryGetValue(id, out string[]? fields))
                return Read(index, fields);
            if (gpu.BusId is { } bus && answer.LineWith(bus) is { } why)
                return Lost(index, $"nvidia-smi reports: {why}");
            return gpu.Uuid is not null && isWhole
                ? Lost(index, "nvidia-smi lists it no longer; it has fallen off the bus, or its driver was removed")
                : before.FirstOrDefault(state => state.Index == index);
        }
    }

    private static DeviceState Read(int index, string[] fields)
    {
        var state = new DeviceState { Kind = DeviceKind.Cuda, Index = index, Fault = Fault(fields) };
        if (long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out long free) && free <= long.MaxValue >> 20)
            state.FreeMemoryBytes = free << 20;
        if (int.TryParse(fields[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int celsius))
            state.TemperatureCelsius = celsius;
        string use = fields.ElementAtOrDefault(4) ?? "";
        if (int.TryParse(use, NumberStyles.None, CultureInfo.InvariantCulture, out int percent) && percent <= 100)
            state.Utilisation = percent / 100.0;
        return state;
    }

    /// <returns>Empty: none.</returns>
    private static string Fault(string[] fields)
    {
        // A value that cannot be read is in brackets, as in [N/A] and [GPU is lost].
        string? broken = fields.FirstOrDefault(field => field.StartsWith('[')
            && (field.Contains("lost", StringComparison.OrdinalIgnoreCase) || field.Contains("reset", StringComparison.OrdinalIgnoreCase)));
        if (broken is not null)
            return $"nvidia-smi shows {broken}";
        return long.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out long errors) && errors > 0
            ? $"{Counted.Of(errors, "uncorrectable memory error")} since the driver was loaded; reset it with "
                + $"`nvidia-smi --gpu-reset -i {fields[0]}`, or replace it"
            : "";
    }

    private static DeviceState Lost(int index, string fault) => new() { Kind = DeviceKind.Cuda, Index = index, Fault = fault };
}
