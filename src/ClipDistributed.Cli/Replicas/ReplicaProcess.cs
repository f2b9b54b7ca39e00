using System.ComponentModel;
using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.WorkerHost.Places;

namespace ClipDistributed.Cli.Replicas;

/// <summary>
/// A <c>clipd-replica</c> process: the one that holds tensors. It is asked and answers in lines of JSON, and it ends when
/// its input does, so it never outlives this process, however that ends.
/// </summary>
internal sealed class ReplicaProcess : IDisposable
{
    private const int KilledExitCode = 128 + 9;

    private readonly Process process;
    private readonly StopSignals? signals; // of one that is not asked to save

    /// <summary>Why it failed, in words; known once it has ended.</summary>
    public string? Failure { get; private set; }

    private ReplicaProcess(Process process, bool saves)
    {
        this.process = process;
        // then it removes that and ends
        signals = saves ? null : new StopSignals("stopping …; nothing that is incomplete is left", process.StandardInput.Close);
    }

    /// <summary>Has a replica do one thing, to its end.</summary>
    /// <exception cref="BadInputException">It refuses the input.</exception>
    /// <exception cref="IOException">It failed; says why.</exception>
    /// <exception cref="OperationCanceledException">This process was asked to stop.</exception>
    public static async Task RunAsync(ReplicaOptions options, ReplicaRequest request, Action<ReplicaOutput> show)
    {
        using var replica = Start(options, request);
        if (await replica.ReadAsync(show) != ExitCodes.Done)
            throw new IOException(replica.Failure);
    }

    public static ReplicaProcess Start(ReplicaOptions options, ReplicaRequest request)
    {
        var place = options.Devices?.Place(options.Threads) ?? ReplicaPlace.OnProcessors(options.Threads);
        var start = ReplicaProgram.Start(
            ReplicaProgram.Find(), place.Device, place.Threads, options.LibTorch, options.Memory, NameOf(request));
        try
        {
            var replica = new ReplicaProcess(place.Start(start), saves: request is TrainRequest);
            replica.Send(request);
            return replica;
        }
        catch (Win32Exception failed)
        {
            throw new BadInputException($"{start.FileName} could not be started: {failed.Message}. Build again with `make build`.");
        }
    }

    /// <summary>As in <c>train:runs/demo</c>.</summary>
    private static string NameOf(ReplicaRequest request) => request is TrainRequest train
        ? $"train:{Path.GetRelativePath(Environment.CurrentDirectory, train.RunDirectory)}"
        : request.GetType().Name.Replace("Request", "", StringComparison.Ordinal).ToLowerInvariant();

    public void Send(ReplicaRequest request)
    {
        try
        {
            process.StandardInput.WriteLine(request.ToJson());
            process.StandardInput.Flush();
        }
        catch (IOException) when (process.HasExited)
        {
            // It ended before it was asked; its exit code says why.
        }
    }

    /// <summary>Hands each message to <paramref name="show"/> until the process ends; a refusal becomes a
    /// <see cref="BadInputException"/>.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ReadAsync(Action<ReplicaOutput> show)
    {
        InputRefused? refused = null;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            switch (ReplicaOutputJson.TryParse(line))
            {
                case { Record.Refused: { } errors }:
                    refused = errors;
                    break;
                case { Record.Failed: { } failed }:
                    Failure = failed.Text;
                    break;
                case { } output:
                    show(output);
                    break;
                case null:
                    await Console.Error.WriteLineAsync(line);
                    break;
            }
        }
        await process.WaitForExitAsync();
        if (signals?.Received is not null)
            throw new OperationCanceledException();
        if (refused is not null)
            throw new BadInputException(refused.Errors);
        Failure ??=
            process.ExitCode == KilledExitCode
                ? "The replica was ended by signal 9 (SIGKILL). If no user did that, the system was out of memory: lower batch.micro or "
                    + "limits.read_ahead_bytes."
                : $"The replica {ExitWords.Of(process.ExitCode)}; what it printed is above.";
        // 128 + signal: killed from outside. The caller's exit codes know no such thing.
        return process.ExitCode > 128 ? ExitCodes.Failed : process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
        signals?.Dispose();
    }
}

/// <summary>How replica processes are started.</summary>
/// <param name="Threads">Threads of one tensor operator.</param>
/// <param name="LibTorch">A folder of libtorch libraries; null: the one that clipd-replica was built with.</param>
/// <param name="Memory">MiB that training may plan with; null: what the host has available.</param>
internal sealed record ReplicaOptions(int Threads, string? LibTorch, long? Memory = null)
{
    /// <summary>That they compute on; null: they compute nothing.</summary>
    public LocalDevices? Devices { get; init; }
}
