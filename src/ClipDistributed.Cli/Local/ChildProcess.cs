using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Local;

/// <summary>
/// This same program with another command. Its input stays open as long as this process lives, and it ends when that
/// ends; what it writes to standard error goes to a file.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string name;
    private readonly string log;
    private readonly Process process;
    private readonly Task logging;
    private long missing; // bytes that the disk did not take

    private ChildProcess(string name, string log, Process process)
    {
        (this.name, this.log, this.process) = (name, log, process);
        logging = LogAsync();
        Ended = WaitAsync();
    }

    /// <summary>Why it is not there any more, as one line; not complete while it runs.</summary>
    public Task<string> Ended { get; }

    /// <param name="name">For messages.</param>
    /// <param name="log">The file; more is appended.</param>
    public static ChildProcess Start(string name, string log, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        return new ChildProcess(name, log, Process.Start(start)!);
    }

    /// <summary>The next line of its output; null: it closed it.</summary>
    public Task<string?> ReadLineAsync() => process.StandardOutput.ReadLineAsync();

    /// <summary>Closes its input and waits for its end; one that does not end is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        if (await Task.WhenAny(Ended, Task.Delay(Patience)) != Ended)
            process.Kill(entireProcessTree: true);
        await Ended;
        process.Dispose();
    }

    private async Task<string> WaitAsync()
    {
        await process.WaitForExitAsync();
        await logging;
        string last = File.ReadLines(log).LastOrDefault(line => line.Trim() != "") ?? "";
        return $"{name} {ExitWords.Of(process.ExitCode)}: {last} (see "
            + $"{log}{(missing > 0 ? $"; the disk did not take {Counted.Of(missing, "byte")} of it" : "")})";
    }

    private async Task LogAsync()
    {
        await using var file = GuardedFile.Open(log, isPrivate: true, bufferSize: 0);
        file.Seek(0, SeekOrigin.End);
        byte[] buffer = new byte[64 << 10];
        // It is read to its end whatever becomes of the file: a process whose pipe is not read blocks.
        for (int read; (read = await process.StandardError.BaseStream.ReadAsync(buffer)) > 0;)
        {
            try
            {
                await file.WriteAsync(buffer.AsMemory(0, read));
            }
            catch (IOException)
            {
                missing += read;
            }
        }
    }
}
