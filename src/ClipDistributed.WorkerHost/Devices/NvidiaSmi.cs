using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>The driver's own program. It knows most, but not every container has it.</summary>
/// <param name="program">A path, or a name to look for in PATH.</param>
/// <param name="bound">How long it may take; null: 10 s. A driver that has lost a card answers late or never.</param>
internal sealed class NvidiaSmi(string program = NvidiaSmi.Program, TimeSpan? bound = null) : IGpuInventory
{
    public const string Program = "nvidia-smi";

    private readonly TimeSpan bound = bound ?? TimeSpan.FromSeconds(10);

    public IReadOnlyList<NvidiaGpu>? Find() =>
        QueryAsync("name,uuid,memory.total,mig.mode.current,pci.bus_id").GetAwaiter().GetResult() is { ExitCode: 0 } answer
            ? Parse(answer.Output)
            : null;

    /// <param name="fields">Names of its query, separated by commas; the answer has a line for each GPU.</param>
    /// <returns>Null: there is no such program, or it did not answer in time.</returns>
    public async Task<SmiAnswer?> QueryAsync(string fields, CancellationToken cancel = default)
    {
        string[] arguments = [$"--query-gpu={fields}", "--format=csv,noheader,nounits"];
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
            )!;
            return await AnswerAsync(process, cancel).ConfigureAwait(false);
        }
        catch (Win32Exception)
        {
            return null; // there is no such program
        }
    }

    private async Task<SmiAnswer?> AnswerAsync(Process process, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(bound);
        try
        {
            string[] texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync())
                .WaitAsync(late.Token)
                .ConfigureAwait(false);
            await process.WaitForExitAsync(late.Token).ConfigureAwait(false);
            return new SmiAnswer(process.ExitCode, texts[0], texts[1]);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return null;
        }
    }

    /// <param name="csv">As in <c>NVIDIA L4, GPU-5f0b…, 23034, [N/A], 00000000:3B:00.0</c>, a line for each GPU.</param>
    /// <returns>Null: it is no such list.</returns>
    internal static IReadOnlyList<NvidiaGpu>? Parse(string csv)
    {
        var gpus = new List<NvidiaGpu>();
        foreach (string line in csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith("WARNING", StringComparison.Ordinal))
                continue; // of a memory with settings that is damaged, below the list
            string[] fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != 5 || !fields[1].StartsWith("GPU-", StringComparison.Ordinal))
                return null;
            bool hasMemory = long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out long memory);
            gpus.Add(new NvidiaGpu(fields[0], fields[1], hasMemory ? memory : null, fields[3] == "Enabled", PciAddress.Parse(fields[4])));
        }
        return gpus;
    }
}
