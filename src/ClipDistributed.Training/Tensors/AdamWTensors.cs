using static TorchSharp.torch;

namespace ClipDistributed.Training.Tensors;

/// <summary>What one AdamW step changes and reads: lists of tensors of equal layout.</summary>
/// <param name="Means">First moments.</param>
/// <param name="Squares">Second moments.</param>
public sealed record AdamWTensors(Tensor[] Parameters, Tensor[] Gradients, Tensor[] Means, Tensor[] Squares);
