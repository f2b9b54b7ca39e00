using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.States;

namespace ClipDistributed.Training.Runs;

/// <summary>What a writer of a generation works with.</summary>
/// <param name="Copy">What checkpoints are written from.</param>
/// <param name="MicroBatch">Rows that pass through the towers at once, as the generation agreed.</param>
/// <param name="Last">The last step that this replica applied; null: none yet.</param>
internal sealed record WriterParts(
    RunContext Run,
    HeldOutEvaluation Evaluation,
    TrainState Trained,
    StateCopy Copy,
    CheckpointSchedule Schedule,
    int MicroBatch,
    StepMetrics? Last);
