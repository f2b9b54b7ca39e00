using ClipDistributed.TestKit.Logs;

namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>Something that a run needs, or that its processes rely on, is not as it should be for a while. The run is to go on.</summary>
internal abstract class Outage(string name) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>Seconds, where nothing else is asked for.</summary>
    public virtual int Seconds => 60;

    public virtual int Repeats => 1;

    /// <summary>Why it cannot be made on this machine; null: it can.</summary>
    public virtual string? Missing => null;

    /// <summary>Of the spec.</summary>
    public virtual IReadOnlyList<string> Changes => ["checkpoint.every_steps=20", "checkpoint.keep=2"];

    /// <summary>Where checkpoints are in the end; null: in the run's directory.</summary>
    public virtual string? Checkpoints => null;

    /// <summary>Steps are not written down meanwhile.</summary>
    public virtual bool HidesSteps => false;

    /// <summary>Prepares what the cluster is started with.</summary>
    /// <param name="folder">Of the cluster.</param>
    public virtual ClusterSettings Prepare(string folder) => new();

    public abstract void Begin(ChaosCluster cluster);

    public abstract void End(ChaosCluster cluster);

    /// <summary>Seconds without a step, at most, as long as no replica is given up.</summary>
    public virtual double Pause => 2;

    /// <summary>The kind of incident that the run must record of it; null: none.</summary>
    public virtual string? Incident => null;

    /// <summary>The operating system's words for it, which a notice of the run must hold; null: none.</summary>
    public virtual string? Cause => null;

    /// <summary>What shows that it did not strike; null: it did.</summary>
    /// <param name="logged">By the coordinator.</param>
    public virtual string? Lacking(IReadOnlyList<LoggedEvent> logged) => null;

    /// <summary>Removes what was prepared.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<Func<Outage>> All { get; } =
    [
        () => new StoppedCoordinator(),
        () => new LostPackets(),
        () => new FullDisk("store-full", "state"),
        () => new StoppedPostgres(),
        () => new FullDisk("disk-full", "runs"),
        () => new AbsentS3("s3-stopped", kills: false),
        () => new AbsentS3("s3-killed", kills: true),
        () => new SetClock(),
    ];
}
