namespace ClipDistributed.Contracts.Pickles;

/// <summary>
/// The classes and functions that torch.save writes into the state of a model, its optimizer and gradient scaler. What is not
/// listed is refused: a pickle may name any function of Python and have it called.
/// </summary>
internal static class TorchNames
{
    private static readonly Dictionary<string, string> Storages = new()
    {
        ["Double"] = "F64", ["Float"] = "F32", ["Half"] = "F16", ["BFloat16"] = "BF16", ["Long"] = "I64", ["Int"] = "I32",
        ["Short"] = "I16", ["Char"] = "I8", ["Byte"] = "U8", ["Bool"] = "BOOL", ["Untyped"] = "U8",
    };

    private static readonly Dictionary<string, string> Formats = new()
    {
        ["float64"] = "F64", ["double"] = "F64", ["float32"] = "F32", ["float"] = "F32", ["float16"] = "F16", ["half"] = "F16",
        ["bfloat16"] = "BF16",
        ["int64"] = "I64", ["long"] = "I64", ["int32"] = "I32", ["int"] = "I32", ["int16"] = "I16", ["short"] = "I16", ["int8"] = "I8",
        ["uint8"] = "U8",
        ["bool"] = "BOOL",
    };

    private static readonly Dictionary<string, GlobalKind> Others = new()
    {
        ["collections.OrderedDict"] = GlobalKind.Dict,
        ["collections.defaultdict"] = GlobalKind.Dict,
        ["collections.Counter"] = GlobalKind.Dict,
        ["builtins.dict"] = GlobalKind.Dict,
        ["builtins.list"] = GlobalKind.List,
        ["builtins.tuple"] = GlobalKind.List,
        ["builtins.set"] = GlobalKind.List,
        ["builtins.int"] = GlobalKind.Type,
        ["builtins.float"] = GlobalKind.Type,
        ["torch.Size"] = GlobalKind.List,
        ["torch.device"] = GlobalKind.Nothing,
        ["torch._utils._rebuild_tensor"] = GlobalKind.Tensor,
        ["torch._utils._rebuild_tensor_v2"] = GlobalKind.Tensor,
        ["torch._utils._rebuild_tensor_v3"] = GlobalKind.TypedTensor,
        ["torch._utils._rebuild_parameter"] = GlobalKind.Parameter,
        ["torch._utils._rebuild_parameter_with_state"] = GlobalKind.Parameter,
        ["torch._tensor._rebuild_from_type_v2"] = GlobalKind.FromType,
        ["torch.Tensor"] = GlobalKind.Type,
        ["torch._tensor.Tensor"] = GlobalKind.Type,
        ["torch.nn.parameter.Parameter"] = GlobalKind.Type,
        ["torch.nn.parameter.Buffer"] = GlobalKind.Type,
        ["argparse.Namespace"] = GlobalKind.Object,
        // Numbers of numpy in logged arguments and learning rates.
        ["numpy.dtype"] = GlobalKind.Nothing,
        ["numpy.core.multiarray.scalar"] = GlobalKind.Nothing,
        ["numpy._core.multiarray.scalar"] = GlobalKind.Nothing,
        ["_codecs.encode"] = GlobalKind.Nothing,
        // Lists of numbers in archives of TorchScript.
        ["torch.jit._pickle.build_intlist"] = GlobalKind.First,
        ["torch.jit._pickle.build_doublelist"] = GlobalKind.First,
        ["torch.jit._pickle.build_boollist"] = GlobalKind.First,
        ["torch.jit._pickle.build_tensorlist"] = GlobalKind.First,
        ["torch.jit._pickle.restore_type_tag"] = GlobalKind.First,
    };

    /// <param name="script">Whether the file is an archive of TorchScript, whose modules are kept for their attributes.</param>
    /// <returns>Null: the name is not known.</returns>
    public static PickleGlobal? Find(string module, string name, bool script)
    {
        string whole = $"{module}.{name}";
        if (module is "torch" or "torch.cuda" or "torch.storage" && name.EndsWith("Storage", StringComparison.Ordinal)
            && Storages.TryGetValue(name[..^"Storage".Length], out string? stored))
        {
            return new PickleGlobal(GlobalKind.Storage, whole, stored);
        }
        if (module == "torch" && Formats.TryGetValue(name, out string? format))
            return new PickleGlobal(GlobalKind.Format, whole, format);
        if (script && module.StartsWith("__torch__", StringComparison.Ordinal))
            return new PickleGlobal(GlobalKind.Object, whole);
        return Others.TryGetValue(whole, out var kind) ? new PickleGlobal(kind, whole) : null;
    }
}
