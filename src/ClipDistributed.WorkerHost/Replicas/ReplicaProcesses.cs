using System.Collections.Concurrent;
using System.ComponentModel;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.WorkerHost.Connections;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.WorkerHost.Replicas;

/// <summary>The replica processes of this host: started and killed as the coordinator says, and reported when they end.</summary>
/// <param name="address">The local address of their collective groups.</param>
/// <param name="threads">Threads of one tensor operator.</param>
internal sealed partial class ReplicaProcesses(WorkerOptions options, string address, int threads, Outbox outbox, TimeProvider time, ILogger logger)
{
    /// <summary>As a shell says that it could not start a program.</summary>
    private const int NotStarted = 127;

    private readonly ConcurrentDictionary<string, Running> running = [];

    public IReadOnlyList<string> Ids => [.. running.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Belongs to the thread that reads what the coordinator says.</summary>
    public void Launch(LaunchReplica launch)
    {
        string id = launch.ReplicaId;
        if (running.ContainsKey(id))
        {
            LogRunsAlready(id);
            return;
        }
        string device = launch.DeviceKind == DeviceKind.Cuda ? $"cuda:{launch.DeviceIndex}" : "cpu";
        var request = new JoinRequest(options.Coordinator, launch.RunId, id, launch.RunDirectory, launch.Restore, address, device, options.Name);
        try
        {
            var process = HostedReplica.Start(ReplicaProgram.Start(options.ReplicaProgram, threads, options.LibTorch), request, line => Forward(id, line));
            LogStarted(id, launch.RunId, device, process.ProcessId);
            // Entered before it is watched: its end takes it out again.
            var ended = new TaskCompletionSource();
            running[id] = new Running(process, ended.Task);
            _ = WatchAsync(id, process, ended);
        }
        catch (Win32Exception failed)
        {
            string text = $"{options.ReplicaProgram} could not be started: {failed.Message}";
            LogNotStarted(id, text);
            outbox.Add(new ReplicaExited { ReplicaId = id, ExitCode = NotStarted, Text = text });
        }
    }

    /// <summary>Does nothing where there is no such replica: it may just have ended.</summary>
    public void Kill(string id, string reason)
    {
        if (!running.TryGetValue(id, out var replica))
            return;
        LogKilled(id, reason);
        replica.Process.Kill();
    }

    /// <summary>Kills all and waits until their ends are in the outbox.</summary>
    public async Task KillAllAsync(string reason)
    {
        foreach (string id in Ids)
            Kill(id, reason);
        await Task.WhenAll(running.Values.Select(replica => replica.Ended));
    }

    private async Task WatchAsync(string id, HostedReplica process, TaskCompletionSource ended)
    {
        var (exitCode, text) = await process.RunAsync(time);
        if (exitCode == ExitCodes.Done)
            LogEnded(id);
        else
            LogFailed(id, exitCode, text);
        running.TryRemove(id, out _);
        outbox.Add(new ReplicaExited { ReplicaId = id, ExitCode = exitCode, Text = text });
        ended.SetResult();
    }

    private void Forward(string id, string line)
    {
        LogSaid(id, line);
        outbox.Add(new LogLine { ReplicaId = id, Text = line });
    }

    private sealed record Running(HostedReplica Process, Task Ended);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaStarted", Message = "Replica {ReplicaId} of run {RunId} started on {Device} as process {ProcessId}.")]
    private partial void LogStarted(string replicaId, string runId, string device, int processId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaRunsAlready", Message = "Replica {ReplicaId} runs already; it is not started a second time.")]
    private partial void LogRunsAlready(string replicaId);

    [LoggerMessage(Level = LogLevel.Error, EventName = "ReplicaNotStarted", Message = "Replica {ReplicaId} does not run: {Text}")]
    private partial void LogNotStarted(string replicaId, string text);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaKilled", Message = "Replica {ReplicaId} is killed: {Reason}.")]
    private partial void LogKilled(string replicaId, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaEnded", Message = "Replica {ReplicaId} ended.")]
    private partial void LogEnded(string replicaId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaFailed", Message = "Replica {ReplicaId} ended with exit code {ExitCode}; the coordinator is told. {Text}")]
    private partial void LogFailed(string replicaId, int exitCode, string text);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaLine", Message = "{ReplicaId}: {Text}")]
    private partial void LogSaid(string replicaId, string text);
}
