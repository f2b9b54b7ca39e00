using System.ComponentModel;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.WorkerHost.Connections;
using ClipDistributed.WorkerHost.Options;
using ClipDistributed.WorkerHost.Places;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.WorkerHost.Replicas;

/// <summary>The replica processes of this host: launched and killed by the coordinator's orders, and reported when they end.</summary>
internal sealed partial class ReplicaProcesses(
    WorkerOptions options,
    ReplicaPlaces places,
    ReportQueue reports,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>Exit code of a shell for a program that it could not start.</summary>
    private const int NotStarted = 127;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Running> running = []; // under the gate

    /// <summary>
    /// Those that run, and those whose exit is still to be reported: then the coordinator receives how they ended, rather than only that
    /// they
    /// no longer run.
    /// </summary>
    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (gate)
                return [.. running.Keys.Union(reports.UnsentExits).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Those on slots, by the index of the slot.</summary>
    public IReadOnlyDictionary<int, int> OnSlots
    {
        get
        {
            lock (gate)
                return running.Values.Where(replica => replica.Slot is not null).GroupBy(replica => replica.Slot!.Value)
                    .ToDictionary(slot => slot.Key, slot => slot.Last().ProcessId);
        }
    }

    public void Launch(LaunchReplica launch)
    {
        lock (gate)
        {
            if (running.ContainsKey(launch.ReplicaId))
                LogRunsAlready(launch.ReplicaId);
            else
                Start(launch);
        }
    }

    /// <summary>Does nothing where there is no such replica: it may just have ended.</summary>
    public void Kill(string id, string reason)
    {
        Running? replica;
        lock (gate)
            running.TryGetValue(id, out replica);
        if (replica is null)
            return;
        LogKilled(id, reason);
        replica.Process.Kill();
    }

    /// <summary>Kills all and waits until their ends are in the reports.</summary>
    public async Task KillAllAsync(string reason)
    {
        List<(string Id, Task Ended)> all;
        lock (gate)
            all = [.. running.Select(replica => (replica.Key, replica.Value.Ended))];
        foreach (var (id, _) in all)
            Kill(id, reason);
        await Task.WhenAll(all.Select(replica => replica.Ended));
    }

    /// <summary>Waits until none runs.</summary>
    public async Task EndedAsync()
    {
        while (true)
        {
            List<Task> all;
            lock (gate)
                all = [.. running.Values.Select(replica => replica.Ended)];
            if (all.Count == 0)
                return;
            await Task.WhenAll(all);
        }
    }

    private void Start(LaunchReplica launch)
    {
        string id = launch.ReplicaId;
        var place = places.Of(launch.DeviceKind, launch.DeviceIndex);
        var start = ReplicaProgram.Start(
            options.ReplicaProgram, place.Device, place.Threads, options.LibTorch, MemoryPerReplica, id);
        ReplicaRequest request = launch.Trial is { } trial
            ? new TrialRequest(
                launch.RunDirectory,
                trial.Step,
                [.. trial.Rows.Select(row => row.Shard)],
                [.. trial.Rows.Select(row => row.Row)]
            )
            : new JoinRequest(
                options.Coordinator,
                launch.RunId,
                id,
                launch.RunDirectory,
                launch.Restore,
                places.Address,
                options.Name,
                launch.Number,
                launch.Generation,
                launch.Secret.ToBase64()
            )
            {
                Tls = options.Tls,
            };
        try
        {
            var process = HostedReplica.Start(place, start, request, line => Forward(id, line));
            LogStarted(id, launch.RunId, NameOf(launch), process.ProcessId);
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            int? slot = launch.DeviceKind == DeviceKind.Cpu ? launch.DeviceIndex : null;
            running[id] = new Running(process, process.ProcessId, slot, ended.Task);
            _ = WatchAsync(id, process, ended);
        }
        catch (Win32Exception failed)
        {
            string text = $"{options.ReplicaProgram} could not be started: {failed.Message}";
            LogNotStarted(id, text);
            reports.Add(new ReplicaExited { ReplicaId = id, ExitCode = NotStarted, Text = text });
        }
    }

    /// <summary>MiB. A replica on a GPU has the host's memory too, beside those on the processors.</summary>
    private long MemoryPerReplica => options.MemoryPerReplica ?? (MachineMemory.Bytes() >> 20) / places.Devices.Offered.Count;

    private static string NameOf(LaunchReplica launch) =>
        launch.DeviceKind == DeviceKind.Cuda ? $"cuda:{launch.DeviceIndex}" : $"cpu:{launch.DeviceIndex}";

    private async Task WatchAsync(string id, HostedReplica process, TaskCompletionSource ended)
    {
        var (exitCode, text, rowsBegun) = await process.RunAsync(time);
        if (exitCode == ExitCodes.Done)
            LogEnded(id);
        else
            LogFailed(id, ExitWords.Of(exitCode), text);
        lock (gate)
        {
            running.Remove(id);
            reports.Add(new ReplicaExited { ReplicaId = id, ExitCode = exitCode, Text = text, RowsBegun = rowsBegun });
        }
        ended.SetResult();
    }

    private void Forward(string id, string line)
    {
        LogLine(id, line);
        reports.Add(new LogLine { ReplicaId = id, Text = line });
    }

    /// <param name="Slot">That it is on; null: it is on a GPU.</param>
    private sealed record Running(HostedReplica Process, int ProcessId, int? Slot, Task Ended);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "ReplicaStarted",
        Message = "Replica {ReplicaId} of run {RunId} started on {Device} as process {ProcessId}."
    )]
    private partial void LogStarted(string replicaId, string runId, string device, int processId);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "ReplicaRunsAlready",
        Message = "Replica {ReplicaId} runs already; it is not started a second time."
    )]
    private partial void LogRunsAlready(string replicaId);

    [LoggerMessage(Level = LogLevel.Error, EventName = "ReplicaNotStarted", Message = "Replica {ReplicaId} does not run: {Text}")]
    private partial void LogNotStarted(string replicaId, string text);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaKilled", Message = "Replica {ReplicaId} is killed: {Reason}.")]
    private partial void LogKilled(string replicaId, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaEnded", Message = "Replica {ReplicaId} ended.")]
    private partial void LogEnded(string replicaId);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "ReplicaFailed",
        Message = "Replica {ReplicaId} {How}; the exit is reported to the coordinator. {Text}"
    )]
    private partial void LogFailed(string replicaId, string how, string text);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaLine", Message = "{ReplicaId}: {Text}")]
    private partial void LogLine(string replicaId, string text);
}
