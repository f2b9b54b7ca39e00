namespace ClipDistributed.Collectives;

internal static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Byte => 1,
        ElementType.BFloat16 => 2,
        ElementType.Float32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };
}
