namespace ClipDistributed.Contracts.Safetensors;

/// <summary>The number formats of tensors under the names of the safetensors format, and their sizes in bytes.</summary>
public static class NumberFormats
{
    private static readonly Dictionary<string, int> Sizes = new()
    {
        ["F64"] = 8, ["F32"] = 4, ["F16"] = 2, ["BF16"] = 2, ["I64"] = 8, ["I32"] = 4, ["I16"] = 2, ["I8"] = 1, ["U8"] = 1, ["BOOL"] = 1,
    };

    public static IReadOnlyCollection<string> Names => Sizes.Keys;

    /// <summary>Bytes of one value; null: there is no such format.</summary>
    public static int? SizeOf(string name) => Sizes.TryGetValue(name, out int size) ? size : null;
}
