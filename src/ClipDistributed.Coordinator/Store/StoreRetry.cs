using ClipDistributed.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Store;

/// <summary>Retries operations that fail because the store is unavailable, for as long as that lasts. Thread-safe.</summary>
internal sealed partial class StoreRetry(IRunStore store, TimeProvider time, ILogger logger)
{
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    /// <param name="consequence">What fails, human-readable: a clause.</param>
    /// <param name="act">Idempotent: it is repeated after a failure.</param>
    /// <returns>The outage; null: the first attempt succeeded.</returns>
    public async Task<StoreOutage?> TryAsync(string consequence, Func<Task> act, CancellationToken cancel)
    {
        long began = time.GetTimestamp();
        string? reason = null;
        for (int failures = 1; ; failures++)
        {
            try
            {
                await act();
                break;
            }
            catch (Exception failed) when (store.IsUnavailable(failed))
            {
                if (reason is null)
                    LogUnavailable(consequence, StoreSchema.Reason(failed));
                reason = StoreSchema.Reason(failed);
            }
            await Task.Delay(Pause.After(failures, chance: 0), time, cancel); // one process alone retries: no jitter is needed
        }
        if (reason is null)
            return null;
        var lasted = time.GetElapsedTime(began);
        LogRecovered(consequence, lasted.TotalSeconds);
        return new StoreOutage(lasted, reason);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "StoreUnavailable",
        Message = "{Consequence}: the store is unavailable ({Reason}). It is retried; replicas train on meanwhile."
    )]
    private partial void LogUnavailable(string consequence, string reason);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "StoreRecovered",
        Message = "{Consequence}: that lasted {Seconds:0.0} s and is over; nothing was lost."
    )]
    private partial void LogRecovered(string consequence, double seconds);
}

/// <summary>The store was unavailable.</summary>
/// <param name="Reason">Its last error.</param>
internal sealed record StoreOutage(TimeSpan Lasted, string Reason);
