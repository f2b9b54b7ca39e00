using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>What the first page of a run shows.</summary>
/// <param name="GlobalBatch">Rows of a step; 0: not known.</param>
/// <param name="Explained">As the API explains it.</param>
/// <param name="Checkpoint">The newest one; null: there is none, or its place does not answer.</param>
/// <param name="Speed">Over the last steps; null: none was computed yet.</param>
public sealed record RunDetail(
    Run Run, long GlobalBatch, IReadOnlyList<Explanation> Explained, Checkpoint? Checkpoint, RunSpeed? Speed);
