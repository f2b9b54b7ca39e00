using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Coordinator.Checkpoints;

/// <summary>The spec of a job that begins with a checkpoint of another run.</summary>
/// <param name="SettleAsync">Once the job was accepted or may have been (true), or no run has begun: then the pin of the checkpoint is
/// undone, unless it was pinned before, or is for another job.</param>
internal sealed record ForkedSpec(TrainingSpec Spec, Func<bool, Task> SettleAsync);
