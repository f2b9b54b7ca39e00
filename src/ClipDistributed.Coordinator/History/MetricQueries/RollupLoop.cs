using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>Rolls up the steps of active runs from time to time, so that no question about them finds much to read.</summary>
internal sealed partial class RollupLoop(
    RunTable table, RollupWriter writer, IRunStore store, Leadership leadership, RunServices services, ILogger<RollupLoop> logger)
    : BackgroundService
{
    private readonly StoreRetry retry = new(store, services.Time, logger);
    private readonly Dictionary<string, long> done = new(StringComparer.Ordinal); // the record that was the last, by run

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(services.Options.Limits.RollupInterval, services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The coordinator ends; the next one goes on from what is stored.
        }
        catch (TermOverException followed)
        {
            leadership.Lose(followed.Message);
        }
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        var runs = table.Runs;
        foreach (string gone in done.Keys.Except(runs.Select(run => run.Row.RunId)).ToList())
            done.Remove(gone);
        foreach (var run in runs)
        {
            var (runId, last) = (run.Row.RunId, run.LastSequence); // that is saved: the row may still be on its way to the store
            if (run.HasEnded && !done.ContainsKey(runId) || done.GetValueOrDefault(runId) == last)
                continue; // one that ended before is rolled up when it is asked for
            try
            {
                await retry.TryAsync($"Steps of run {runId} are not rolled up", () => writer.CatchUpAsync(runId, cancel), cancel);
            }
            catch (InvalidProtocolBufferException damaged)
            {
                LogDamaged(runId, damaged.Message);
            }
            done[runId] = last;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RecordDamaged",
        Message = "Steps of run {RunId} are not rolled up, and its metrics cannot be asked for: a record in the store is damaged "
            + "({Reason})."
    )]
    private partial void LogDamaged(string runId, string reason);
}
