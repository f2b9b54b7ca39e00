using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>The driver's own program. It knows most, but not every container has it.</summary>
/// <param name="program">A path, or a name to look for in PATH.</param>
internal sealed class NvidiaSmi(string program = "nvidia-smi") : IGpuInventory
{
    // A driver that has lost a card answers late or never.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    public IReadOnlyList<NvidiaGpu>? Find()
    {
        try
        {
            string[] arguments = ["--query-gpu=name,uuid,memory.total,mig.mode.current", "--format=csv,noheader,nounits"];
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
            )!;
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Bound))
            {
                process.Kill();
                return null;
            }
            return process.ExitCode == 0 ? Parse(output.Result) : null;
        }
        catch (Win32Exception)
        {
            return null; // there is no such program
        }
    }

    /// <param name="csv">As in <c>NVIDIA L4, GPU-5f0b…, 23034, [N/A]</c>, a line for each GPU.</param>
    /// <returns>Null: it is no such list.</returns>
    internal static IReadOnlyList<NvidiaGpu>? Parse(string csv)
    {
        var gpus = new List<NvidiaGpu>();
        foreach (string line in csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != 4 || !fields[1].StartsWith("GPU-", StringComparison.Ordinal))
                return null;
            bool hasMemory = long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out long memory);
            gpus.Add(new NvidiaGpu(fields[0], fields[1], hasMemory ? memory : null, fields[3] == "Enabled"));
        }
        return gpus;
    }
}
