namespace ClipDistributed.Contracts.Weights;

/// <summary>One tensor of a file of weights, and where its values lie.</summary>
/// <param name="Format">As safetensors names it: F32, BF16, I64, …</param>
/// <param name="Start">Position of its first element in the file.</param>
/// <param name="Strides">Of each axis, in elements; null: row after row without gaps.</param>
/// <param name="BigEndian">Whether the highest byte of a value comes first.</param>
public sealed record WeightEntry(
    string Name, string Format, long[] Shape, string Path, long Start, long[]? Strides = null, bool BigEndian = false)
{
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);

    /// <summary>Elements from the first to the last, gaps included.</summary>
    public long Reach => Shape.Contains(0) ? 0
        : Strides is null ? Count
        : Shape.Zip(Strides).Aggregate(1L, (reach, axis) => reach + (axis.First - 1) * axis.Second);
}
