using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Data.Preparation;

/// <summary>A run that could be prepared.</summary>
/// <param name="Spec">With all its values and absolute paths.</param>
public sealed record CheckedRun(TrainingSpec Spec, DatasetManifest Manifest, RunPlan Plan);
