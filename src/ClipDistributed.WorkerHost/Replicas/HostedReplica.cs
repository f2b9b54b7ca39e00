using System.Diagnostics;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.WorkerHost.Replicas;

/// <summary>
/// A replica process of this host. Its standard input stays open as long as this process lives: the replica ends itself
/// when it is closed, so none outlives its host, however that ends.
/// </summary>
internal sealed class HostedReplica
{
    // A line that outgrew a gRPC message would break the connection again and again.
    private const int LongestLine = 4000;

    private const int Killed = 128 + 9, Terminated = 128 + 15;

    // What a process printed is read to its end, unless a child of its own holds the pipe open.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly Process process;
    private readonly Action<string> line;
    private string? text;
    private string? lastError;
    private int rowsBegun;

    private HostedReplica(Process process, Action<string> line) => (this.process, this.line) = (process, line);

    /// <param name="line">Is told of each line that is no message, on any thread.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static HostedReplica Start(ProcessStartInfo start, ReplicaRequest request, Action<string> line)
    {
        start.RedirectStandardError = true;
        var replica = new HostedReplica(Process.Start(start)!, line);
        replica.Ask(request);
        return replica;
    }

    public int ProcessId => process.Id;

    /// <summary>Reads what it says until it ends.</summary>
    /// <returns>Its exit code, 128 + signal where a signal ended it, why it failed, where it said so, and how many rows of a trial it
    /// began.</returns>
    public async Task<(int ExitCode, string Text, int RowsBegun)> RunAsync(TimeProvider time)
    {
        var read = Task.WhenAll(ReadAsync(process.StandardOutput, Hear), ReadAsync(process.StandardError, HearError));
        await process.WaitForExitAsync();
        await Task.WhenAny(read, Task.Delay(LastWords, time));
        int exitCode = process.ExitCode;
        // Not the writer: it might still hold a request that nobody took.
        process.StandardInput.BaseStream.Dispose();
        process.StandardOutput.Dispose();
        process.StandardError.Dispose();
        process.Dispose();
        return (
            exitCode,
            Volatile.Read(ref text) ?? (IsCrash(exitCode) ? Volatile.Read(ref lastError) : null) ?? "",
            Volatile.Read(ref rowsBegun)
        );
    }

    /// <summary>SIGKILL. Nothing happens where it has ended.</summary>
    public void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended and been reported.
        }
    }

    private void Ask(ReplicaRequest request)
    {
        try
        {
            process.StandardInput.WriteLine(request.ToJson());
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It ended before it was asked; its exit code says why.
        }
    }

    private void Hear(string said)
    {
        switch (ReplicaOutputJson.TryParse(said))
        {
            case { Row: { } begun }:
                Volatile.Write(ref rowsBegun, begun.Count);
                break;
            case { Record.Failed: { } failed }:
                Volatile.Write(ref text, failed.Text);
                break;
            case { Record.Refused: { } refused }:
                Volatile.Write(ref text, string.Join('\n', refused.Errors));
                break;
            default:
                Forward(said);
                break;
        }
    }

    private void HearError(string said)
    {
        // What follows an error indented is its stack.
        if (said.Length > 0 && !char.IsWhiteSpace(said[0]))
            Volatile.Write(ref lastError, Shorten(said));
        Forward(said);
    }

    /// <summary>A process that was killed had no part in its end: what it printed before says nothing about it.</summary>
    private static bool IsCrash(int exitCode) => exitCode is not (ExitCodes.Done or Killed or Terminated);

    private void Forward(string said) => line(Shorten(said));

    private static string Shorten(string said) => said.Length > LongestLine ? said[..LongestLine] + " …" : said;

    private static async Task ReadAsync(StreamReader reader, Action<string> hear)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } said)
                hear(said);
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // The pipe was closed behind a process that had ended.
        }
    }
}
