namespace ClipDistributed.Contracts.Safetensors;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Type">As the format names it: F32, BF16, I64, …</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte.</param>
public sealed record SafetensorsEntry(string Name, string Type, long[] Shape, long Begin, long End)
{
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);

    /// <summary>Bytes of its values.</summary>
    public long Length => End - Begin;
}
