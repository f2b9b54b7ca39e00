using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>A checkpoint that verified.</summary>
public sealed record FoundCheckpoint(string Folder, CheckpointState State);
