using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>What the models of some steps of a run make of the same images and captions.</summary>
/// <param name="Set">Null: there was no evaluation yet.</param>
/// <param name="Results">By step.</param>
/// <param name="Spec">Of the run's job, which says when there are any.</param>
public sealed record PredictionList(ProbeSet? Set, IReadOnlyList<ProbeResult> Results, TrainingSpec Spec);
