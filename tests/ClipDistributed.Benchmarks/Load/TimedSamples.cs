using System.Diagnostics;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>Durations, each with the second in which it ended. Thread-safe.</summary>
internal sealed class TimedSamples
{
    private readonly Lock gate = new();
    private readonly List<(int Second, TimeSpan Value)> samples = []; // under the gate
    private long? began; // under the gate

    /// <summary>Forgets what came before: seconds count from now.</summary>
    public void Begin()
    {
        lock (gate)
        {
            samples.Clear();
            began = Stopwatch.GetTimestamp();
        }
    }

    public void Add(TimeSpan value)
    {
        lock (gate)
        {
            if (began is { } start)
                samples.Add(((int)Stopwatch.GetElapsedTime(start).TotalSeconds, value));
        }
    }

    /// <param name="within">Seconds to look at.</param>
    public int Count(Func<int, bool> within)
    {
        lock (gate)
            return samples.Count(sample => within(sample.Second));
    }

    /// <param name="part">0.5 for the median, 1 for the largest.</param>
    /// <returns>Null: there is none.</returns>
    public TimeSpan? Quantile(double part, Func<int, bool> within)
    {
        TimeSpan[] found;
        lock (gate)
            found = [.. samples.Where(sample => within(sample.Second)).Select(sample => sample.Value).Order()];
        return found.Length == 0 ? null : found[Math.Max(0, (int)Math.Ceiling(part * found.Length) - 1)];
    }
}
