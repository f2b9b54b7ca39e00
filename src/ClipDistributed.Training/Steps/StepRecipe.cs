using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Training.Gradients;

namespace ClipDistributed.Training.Steps;

/// <summary>The settings of a run's steps, the same on all replicas.</summary>
/// <param name="Steps">The last step of the run, which the schedule ends at.</param>
/// <param name="MicroBatch">Rows that pass through the towers at once.</param>
public sealed record StepRecipe(TrainingSpec Spec, long Steps, int MicroBatch, PreprocessConfig Preprocess)
{
    /// <summary>Gradients that are summed over replicas at once.</summary>
    public long BucketElements { get; init; } = GradientBuckets.DefaultElements;

    /// <summary>Memory of the GPU that computes, bytes in all; null: not known, or processors compute.</summary>
    public long? GpuMemory { get; init; }
}
