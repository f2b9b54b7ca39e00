namespace ClipDistributed.Benchmarks.Load;

/// <summary>What was measured.</summary>
/// <param name="Uses">A second each.</param>
/// <param name="Behind">Of the watcher that was furthest behind at the end.</param>
internal sealed record LoadFigures(
    LoadPlan Plan, IReadOnlyList<UseOfASecond> Uses, TimedSamples Lists, TimedSamples Lags, TimeSpan Behind)
{
    private const int EnoughSeconds = 20;

    /// <summary>Calls that ask for nothing but an answer.</summary>
    public required TimedSamples Health { get; init; }

    /// <summary>Of all replicas.</summary>
    public required int Reports { get; init; }

    /// <summary>Watchers whose call the coordinator ended.</summary>
    public required int CutOff { get; init; }

    /// <summary>Watchers that never read and could go on from where they were.</summary>
    public required int Returned { get; init; }

    public int QuietSeconds => Uses.Count(use => use.IsQuiet);

    /// <summary>There are enough of them: times are judged by these alone.</summary>
    public bool IsQuietEnough => QuietSeconds >= EnoughSeconds;

    public double ReportsPerSecond => (double)Reports / Uses.Count;

    public double Cores => Uses.Average(use => use.Coordinator);

    public double Others => Uses.Average(use => use.Others);

    public long MaxMemory => Uses.Max(use => use.Memory);

    /// <summary>Of the last quarter's mean over the second one's, as a part of it.</summary>
    public double MemoryGrowth
    {
        get
        {
            int quarter = Uses.Count / 4;
            double second = Uses.Skip(quarter).Take(quarter).Average(use => use.Memory);
            return Uses.TakeLast(quarter).Average(use => use.Memory) / second - 1;
        }
    }

    /// <summary>Seconds whose times are judged.</summary>
    public bool IsJudged(int second) => !IsQuietEnough || second < Uses.Count && Uses[second].IsQuiet;
}
