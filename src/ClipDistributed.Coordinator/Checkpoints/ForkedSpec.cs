using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Coordinator.Checkpoints;

/// <summary>The spec of a job that begins with a checkpoint of another run.</summary>
/// <param name="UnpinAsync">Undoes the pin of the checkpoint where the job is refused; nothing where it was pinned before.</param>
internal sealed record ForkedSpec(TrainingSpec Spec, Func<Task> UnpinAsync);
