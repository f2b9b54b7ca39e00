namespace ClipDistributed.Contracts.Models.HuggingFace;

/// <summary>
/// A tensor of a file that holds a whole OpenCLIP tensor or a piece of one: a tensor is its parts, each transposed where it
/// says so, laid one after another along the first axis.
/// </summary>
/// <param name="Shape">In the file.</param>
public sealed record TensorPart(string Name, long[] Shape, bool Transposed = false);
