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
    private readonly Dictionary<string, (long Attempt, long Step)> done = new(StringComparer.Ordinal); // by run

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
            var (runId, recorded) = (run.Row.RunId, (run.Row.Attempt, run.Row.RecordedStep));
            if (run.HasEnded && !done.ContainsKey(runId) || done.GetValueOrDefault(runId) == recorded)
                continue; // one that ended before is rolled up when it is asked for
            try
            {
                await retry.TryAsync($"Steps of run {runId} are not rolled up", () => writer.CatchUpAsync(runId, cancel), cancel);
            }
            catch (InvalidProtocolBufferException damaged)
            {
                LogDamaged(runId, damaged.Message);
            }
            done[runId] = recorded;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RecordDamaged",
        Message = "Steps of run {RunId} are not rolled up, and its metrics cannot be asked for: a record in the store is damaged "
            + "({Reason})."
    )]
    private partial void LogDamaged(string runId, string reason);
}
