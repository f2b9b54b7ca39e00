namespace ClipDistributed.Benchmarks.Load;

/// <summary>How much a coordinator is asked to do at once.</summary>
/// <param name="Seconds">Measured, after the warm-up.</param>
/// <param name="Runs">That the replicas belong to, as many to each.</param>
internal sealed record LoadPlan(int Seconds, int Runs)
{
    public const int DefaultSeconds = 90, DefaultRuns = 10;

    /// <summary>Connections are made and code is compiled in it: it is not measured.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Each reports once a second, on a connection of its own.</summary>
    public int Replicas { get; init; } = 1_000;

    /// <summary>Each sends a heartbeat once a second.</summary>
    public int Hosts { get; init; } = 100;

    /// <summary>Those that never read included.</summary>
    public int Watchers { get; init; } = 50;

    /// <summary>Watchers that open their call and read nothing from it.</summary>
    public int SilentWatchers { get; init; } = 5;

    /// <summary>Lists of runs, jobs and hosts in turn, a second.</summary>
    public int ListCalls { get; init; } = 10;

    public int ReplicasPerRun => Replicas / Runs;

    public int SlotsPerHost => Replicas / Hosts;
}
