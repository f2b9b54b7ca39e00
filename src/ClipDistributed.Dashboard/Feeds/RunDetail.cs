using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>What the tabs of a run show at once.</summary>
public sealed record RunDetail(Run Run)
{
    /// <summary>With all its values; null: it is not known.</summary>
    public TrainingSpec? Spec { get; init; }

    /// <summary>Rows of a step; 0: not known.</summary>
    public long GlobalBatch => Spec?.Batch is { } batch ? (long)batch.Global : 0;

    /// <summary>As the API explains it.</summary>
    public IReadOnlyList<Explanation> Explained { get; init; } = [];

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<Incident> Incidents { get; init; } = [];

    /// <summary>The newest one; null: there is none, or its place does not answer.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Over the last steps; null: none was computed yet.</summary>
    public RunSpeed? Speed { get; init; }

    /// <summary>Of the newest record; 0: there is none.</summary>
    public long LastSequence { get; init; }
}
