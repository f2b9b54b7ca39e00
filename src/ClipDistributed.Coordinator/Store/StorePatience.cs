using ClipDistributed.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Store;

/// <summary>Tries again, for as long as it takes, what fails because the store is away. Thread-safe.</summary>
internal sealed partial class StorePatience(IRunStore store, TimeProvider time, ILogger logger)
{
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    /// <param name="consequence">What fails, for people: a clause.</param>
    /// <param name="act">Does no harm where it is done again after a failure.</param>
    /// <returns>How long it took, where the first try failed; null: it did not.</returns>
    public async Task<StoreAbsence?> TryAsync(string consequence, Func<Task> act, CancellationToken cancel)
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
            catch (Exception away) when (store.IsAway(away))
            {
                if (reason is null)
                    LogAway(consequence, StoreSchema.Reason(away));
                reason = StoreSchema.Reason(away);
            }
            await Task.Delay(Pause.After(failures, chance: 0), time, cancel); // one process alone tries: no chance is needed
        }
        if (reason is null)
            return null;
        var lasted = time.GetElapsedTime(began);
        LogBack(consequence, lasted.TotalSeconds);
        return new StoreAbsence(lasted, reason);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "StoreAway",
        Message = "{Consequence}: the store is away ({Reason}). It is tried again until it works; replicas go on meanwhile."
    )]
    private partial void LogAway(string consequence, string reason);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "StoreBack",
        Message = "{Consequence}: that lasted {Seconds:0.0} s and is over; nothing was lost."
    )]
    private partial void LogBack(string consequence, double seconds);
}

/// <summary>The store was away.</summary>
/// <param name="Reason">What it said last.</param>
internal sealed record StoreAbsence(TimeSpan Lasted, string Reason);
