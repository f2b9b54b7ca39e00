using System.Diagnostics;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>A process of the measurement, which ends with its standard input.</summary>
internal sealed class LoadProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private LoadProcess(Process process) => Process = process;

    public Process Process { get; }

    /// <param name="onError">Receives the lines of its standard error.</param>
    public static LoadProcess Start(string program, IEnumerable<string> arguments, Action<string> onError)
    {
        var started = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        started.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                onError(text);
        };
        started.BeginErrorReadLine();
        return new LoadProcess(started);
    }

    /// <summary>The rest of its next line of this beginning.</summary>
    public async Task<string> LineAsync(string beginning, TimeSpan patience)
    {
        while (await Process.StandardOutput.ReadLineAsync().WaitAsync(patience) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line[beginning.Length..];
        }
        throw new InvalidOperationException($"{Process.StartInfo.FileName} ended without a line '{beginning}'.");
    }

    /// <summary>Asks it for a line.</summary>
    public async Task<string> AskAsync(string beginning)
    {
        await Process.StandardInput.WriteLineAsync();
        await Process.StandardInput.FlushAsync();
        return await LineAsync(beginning, Patience);
    }

    public void Dispose()
    {
        Process.StandardInput.Close();
        if (!Process.WaitForExit(Patience))
            Process.Kill();
        Process.Dispose();
    }
}
