using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>What a checkpoint holds beside the state's tensors, and what follows its publication.</summary>
/// <param name="Tokenizer">The tokenizer file that belongs to the model.</param>
/// <param name="Attempts">Of the run, up to now.</param>
/// <param name="Keep">Checkpoints to keep of the lineage.</param>
/// <param name="Published">Called on the writing thread once the checkpoint is there.</param>
public sealed record CheckpointJob(
    CheckpointState State,
    PreprocessConfig Preprocess,
    string Tokenizer,
    IReadOnlyList<RunAttempt> Attempts,
    uint Keep,
    Action Published
);
