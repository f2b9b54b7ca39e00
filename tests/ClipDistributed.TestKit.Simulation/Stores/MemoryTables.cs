using System.Runtime.CompilerServices;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.TestKit.Simulation.Stores;

/// <summary>The tables of a coordinator as lists of rows. Rows are copied on their way in and out, as a database does.</summary>
internal sealed class MemoryTables
{
    public long Term { get; set; }

    public Dictionary<string, JobRow> Jobs { get; } = [];

    /// <summary>In the order of their places.</summary>
    public List<MemoryRun> Runs { get; } = [];

    public MemoryRun? Find(string runId) => Runs.Find(run => run.Row.RunId == runId);

    /// <summary>Its fields are values, or never changed.</summary>
    public static T Copy<T>(T row) where T : class => Unsafe.As<T>(MemberwiseClone(row));

    public static List<T> CopyAll<T>(IEnumerable<T> rows) where T : class => [.. rows.Select(Copy)];

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern object MemberwiseClone(object row);
}

/// <summary>What is kept of a run.</summary>
internal sealed class MemoryRun(RunRow row)
{
    public RunRow Row { get; set; } = row;

    public Dictionary<long, GenerationRow> Generations { get; } = [];

    public Dictionary<(long Generation, long FirstStep), ShareRow> Shares { get; } = [];

    public Dictionary<string, ReplicaRow> Replicas { get; } = [];

    public Dictionary<long, IncidentRow> Incidents { get; } = [];

    /// <summary>By their numbers, which have no gaps.</summary>
    public List<RecordRow> Records { get; } = [];
}
