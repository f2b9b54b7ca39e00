using System.Diagnostics;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.WorkerHost.Places;

namespace ClipDistributed.WorkerHost.Replicas;

/// <summary>
/// A replica process of this host. Its standard input stays open as long as this process lives: the replica ends itself
/// when it is closed, so none outlives its host, however that ends.
/// </summary>
internal sealed class HostedReplica
{
    /// <summary>How .NET begins its last words.</summary>
    private const string Unhandled = "Unhandled exception";

    // A line larger than a gRPC message would break the connection repeatedly.
    private const int MaxLineLength = 4000;

    private const int Killed = 128 + 9, Terminated = 128 + 15;

    // The output is read to its end, unless a child process holds the pipe open.
    private static readonly TimeSpan OutputTimeout = TimeSpan.FromSeconds(2);

    private readonly Process process;
    private readonly Action<string> onLine;
    private readonly Action<QuestionAnswered>? onAnswered;
    private string? text;
    private string? lastError;
    private int rowsBegun;

    private HostedReplica(Process process, Action<string> onLine, Action<QuestionAnswered>? onAnswered) =>
        (this.process, this.onLine, this.onAnswered) = (process, onLine, onAnswered);

    /// <param name="onLine">Receives each line that is not a message, on any thread.</param>
    /// <param name="onAnswered">Receives each answer of a model's process; null: it is none.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static HostedReplica Start(
        ReplicaPlace place,
        ProcessStartInfo start,
        ReplicaRequest request,
        Action<string> onLine,
        Action<QuestionAnswered>? onAnswered = null)
    {
        start.RedirectStandardError = true;
        var replica = new HostedReplica(place.Start(start), onLine, onAnswered);
        replica.Send(request);
        return replica;
    }

    public int ProcessId => process.Id;

    /// <summary>Reads its output until it ends.</summary>
    /// <returns>Its exit code, 128 + signal where a signal ended it, the error that it reported, where it did, and how many rows of a trial
    /// it
    /// began.</returns>
    public async Task<(int ExitCode, string Text, int RowsBegun)> RunAsync(TimeProvider time)
    {
        var read = Task.WhenAll(ReadAsync(process.StandardOutput, OnOutput), ReadAsync(process.StandardError, OnErrorOutput));
        await process.WaitForExitAsync();
        await Task.WhenAny(read, Task.Delay(OutputTimeout, time));
        int exitCode = process.ExitCode;
        // Not the writer: its buffer may still hold a request that the process has not read.
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

    /// <summary>Waits where it reads none; one caller at a time. Nothing happens where it has ended.</summary>
    public void Send(ReplicaRequest request)
    {
        try
        {
            process.StandardInput.WriteLine(request.ToJson());
            process.StandardInput.Flush();
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // It ended before it read the request; its exit code says why.
        }
    }

    private void OnOutput(string line)
    {
        switch (ReplicaOutputJson.TryParse(line))
        {
            case { Row: { } begun }:
                Volatile.Write(ref rowsBegun, begun.Count);
                break;
            case { Answered: { } answered } when onAnswered is not null:
                onAnswered(answered);
                break;
            case { Record.Failed: { } failed }:
                Volatile.Write(ref text, failed.Text);
                break;
            case { Record.Refused: { } refused }:
                Volatile.Write(ref text, string.Join('\n', refused.Errors));
                break;
            default:
                Forward(line);
                break;
        }
    }

    private void OnErrorOutput(string line)
    {
        // Indented lines after an error are its stack, and so are a library's frames after .NET's own last words.
        bool isUnhandled = Volatile.Read(ref lastError)?.StartsWith(Unhandled, StringComparison.Ordinal) == true;
        if (line.Length > 0 && !char.IsWhiteSpace(line[0]) && !isUnhandled)
            Volatile.Write(ref lastError, Shorten(line));
        Forward(line);
    }

    /// <summary>The output of a process that was killed does not explain its end.</summary>
    private static bool IsCrash(int exitCode) => exitCode is not (ExitCodes.Done or Killed or Terminated);

    private void Forward(string line) => onLine(Shorten(line));

    private static string Shorten(string line) => line.Length > MaxLineLength ? line[..MaxLineLength] + " …" : line;

    private static async Task ReadAsync(StreamReader reader, Action<string> onOutput)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
                onOutput(line);
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // The pipe was closed after the process had ended.
        }
    }
}
