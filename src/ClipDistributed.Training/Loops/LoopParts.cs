using ClipDistributed.Data.Batches;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Training.Loops;

/// <summary>What the replicas of one generation train with.</summary>
public sealed record LoopParts(
    TrainStep Step,
    StateComparison Comparison,
    BatchSource Batches,
    CommandInbox Commands,
    StepProgress Progress,
    StepWork Work
);
