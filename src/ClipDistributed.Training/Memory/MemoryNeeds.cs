using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Training.Memory;

/// <summary>What decides how much memory a replica needs.</summary>
/// <param name="Replicas">That share a step.</param>
/// <param name="ReadBytes">Blocks that reading in the planned order holds.</param>
/// <param name="Evaluates">Whether the model is measured while it trains.</param>
/// <param name="HeldOutBytes">Images that stay in memory for that.</param>
/// <param name="GpuBytes">What the GPU has on which it computes; null: it computes on processors.</param>
public sealed record MemoryNeeds(
    ModelConfig Model,
    OptimizerName Optimizer,
    Precision Precision,
    long GlobalBatch,
    int MicroBatch,
    int Replicas,
    long ReadBytes,
    bool Evaluates,
    long HeldOutBytes,
    long? GpuBytes = null
);
