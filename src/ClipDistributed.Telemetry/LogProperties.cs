namespace ClipDistributed.Telemetry;

/// <summary>What log events call the things that they are about; the same in every process.</summary>
public static class LogProperties
{
    public const string JobId = nameof(JobId);
    public const string RunId = nameof(RunId);
    public const string HostId = nameof(HostId);
    public const string ReplicaId = nameof(ReplicaId);
    public const string Generation = nameof(Generation);
    public const string Rank = nameof(Rank);
    public const string Step = nameof(Step);
    public const string Shard = nameof(Shard);

    /// <summary>In the order in which a line shows them.</summary>
    public static IReadOnlyList<string> All { get; } = [JobId, RunId, HostId, ReplicaId, Generation, Rank, Step, Shard];
}
