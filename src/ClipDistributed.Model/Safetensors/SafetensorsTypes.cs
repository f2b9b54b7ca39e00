using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Safetensors;

/// <summary>Number formats under the names of the safetensors format.</summary>
public static class SafetensorsTypes
{
    private static readonly Dictionary<string, ScalarType> Types = new()
    {
        ["F64"] = ScalarType.Float64, ["F32"] = ScalarType.Float32, ["F16"] = ScalarType.Float16, ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32, ["I16"] = ScalarType.Int16, ["I8"] = ScalarType.Int8, ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    public static ScalarType Of(string name) => Types[name];

    public static string NameOf(ScalarType type) => Types.First(known => known.Value == type).Key;
}
