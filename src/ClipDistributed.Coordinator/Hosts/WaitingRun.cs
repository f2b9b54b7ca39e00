using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A run that waits for devices. Belongs to the pool.</summary>
internal sealed class WaitingRun(RunNeed need)
{
    private int overtakings;
    private long? firstOvertaken; // a timestamp of the time provider

    public RunNeed Need { get; set; } = need;

    /// <summary>Since when it has had its minimum, a timestamp of the time provider; null: not enough devices.</summary>
    public long? EnoughSince { get; set; }

    /// <summary>Since when others could make way for it, a timestamp of the time provider; null: none could, or need not.</summary>
    public long? ShortSince { get; set; }

    /// <summary>One after it has started, for which there was room.</summary>
    public void OnOvertaken(TimeProvider time)
    {
        overtakings++;
        firstOvertaken ??= time.GetTimestamp();
    }

    /// <param name="quota">Devices that its owner may still use.</param>
    /// <param name="victims">Runs that make way for it.</param>
    /// <param name="awaitsVictims">Some of them still have devices.</param>
    public QueuedRun Now(
        CoordinatorOptions options, TimeProvider time, int quota, IReadOnlyList<string> victims, bool awaitsVictims) => new(
        Need,
        victims.Count > 0 || overtakings >= options.BackfillStarts
            || firstOvertaken is { } first && time.GetElapsedTime(first) >= options.BackfillTime,
        quota,
        string.Join(", ", victims),
        awaitsVictims);
}
