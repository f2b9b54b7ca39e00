using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static ClipDistributed.Contracts.Control.V1.LogEntry.Types;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>
/// Writes what replicas print into the directories of their runs, and passes it on to those that follow it. What a directory does not
/// take is dropped: the log of the host has it.
/// </summary>
internal sealed partial class LogWriter(
    ReplicaOutput output, RunTable table, LogFollowers followers, CoordinatorOptions options, ILogger<LogWriter> logger)
    : BackgroundService
{
    private const int MaxBatch = 2_000;

    private readonly Dictionary<string, Level> lastLevels = new(StringComparer.Ordinal); // by replica
    private readonly Dictionary<string, int> lastRanks = new(StringComparer.Ordinal); // likewise; a replica that fails has none any more
    private readonly HashSet<string> unavailable = new(StringComparer.Ordinal); // directories
    private long sequence;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await output.Lines.WaitToReadAsync(stoppingToken))
                Write();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Write(); // what came before the end
        }
    }

    private void Write()
    {
        var passed = new List<TaskCompletionSource>();
        var batch = new List<(RunJournal Run, LogEntry Entry)>();
        while (batch.Count < MaxBatch && output.Lines.TryRead(out var line))
        {
            if (line.Passed is { } turn)
                passed.Add(turn);
            else if (RunOf(line.ReplicaId) is { } run)
                batch.Add((run, Entry(run, line)));
        }
        if (output.TakeDropped() is > 0 and var dropped)
            LogDropped(dropped);
        foreach (var lines in batch.GroupBy(line => (line.Run.Row.RunDirectory, line.Entry.ReplicaId)))
            Append(lines.Key.RunDirectory, lines.Key.ReplicaId, lines.Select(line => line.Entry));
        foreach (var (run, entry) in batch)
            followers.Publish(run.Row.RunId, entry);
        passed.ForEach(turn => turn.TrySetResult());
        if (lastLevels.Count > MaxBatch)
            lastLevels.Clear();
        if (lastRanks.Count > MaxBatch)
            lastRanks.Clear();
    }

    /// <summary>A replica is named after its run, as in <c>demo-3-r2</c>, a decode trial as in <c>demo-3-t1</c>.</summary>
    private RunJournal? RunOf(string replicaId)
    {
        int end = replicaId.LastIndexOf('-');
        return end < 0 ? null : table.TryFind(replicaId[..end]);
    }

    private LogEntry Entry(RunJournal run, ReplicaOutput.Line line)
    {
        var level = line.Level ?? LineLevel.Of(line.Text, lastLevels.GetValueOrDefault(line.ReplicaId));
        lastLevels[line.ReplicaId] = level;
        // Also above those that a coordinator before this one has given: they grow with the time.
        sequence = Math.Max(sequence + 1, line.Time.ToUnixTimeMilliseconds() * 1000);
        var entry = new LogEntry
        {
            Sequence = sequence,
            Time = line.Time.ToTimestamp(),
            Host = line.Host,
            ReplicaId = line.ReplicaId,
            Level = level,
            Text = line.Text,
        };
        if (run.Run.Replicas.FirstOrDefault(member => member.ReplicaId == line.ReplicaId) is { } member)
            lastRanks[line.ReplicaId] = member.Rank;
        if (lastRanks.TryGetValue(line.ReplicaId, out int rank))
            entry.Rank = rank;
        return entry;
    }

    private void Append(string directory, string replicaId, IEnumerable<LogEntry> entries)
    {
        try
        {
            new LogFolder(directory, options.Limits.ReplicaLogBytes, options.Limits.RunLogBytes).Append(replicaId, entries);
            unavailable.Remove(directory);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            if (unavailable.Add(directory))
                LogUnavailable(directory, failed.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "LogsUnavailable",
        Message = "What replicas print cannot be kept in {Directory} ({Reason}); their hosts' logs have it.")]
    private partial void LogUnavailable(string directory, string reason);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "LogLinesDropped",
        Message = "Replicas print faster than it can be kept: {Count} lines were dropped here; their hosts' logs have them.")]
    private partial void LogDropped(long count);
}
