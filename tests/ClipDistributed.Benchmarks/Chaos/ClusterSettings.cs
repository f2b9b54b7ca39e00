using ClipDistributed.TestKit.Networks;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>What the processes of a cluster are started with.</summary>
internal sealed record ClusterSettings
{
    /// <summary>Has a machine for the coordinator and one for each host; null: all share this one.</summary>
    public IsolatedNetwork? Network { get; init; }

    /// <summary>A PostgreSQL connection string; null: SQLite.</summary>
    public string? Store { get; init; }

    /// <summary>Environment variables of the coordinator, of host a or b with its replicas, or of the user's commands.</summary>
    public Func<string, IReadOnlyDictionary<string, string>> Variables { get; init; } = _ => new Dictionary<string, string>();
}
