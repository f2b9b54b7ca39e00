using System.Buffers.Binary;
using System.Text;

namespace ClipDistributed.TestKit.Pickles;

/// <summary>Writes pickles instruction by instruction, sound ones and others.</summary>
public sealed class PickleText
{
    private readonly List<byte[]> instructions = [];

    public PickleText(int protocol = 2) => Add([0x80, (byte)protocol]);

    /// <summary>In their order; each is an opcode with its argument.</summary>
    public IReadOnlyList<byte[]> Instructions => instructions;

    public byte[] Bytes => [.. instructions.SelectMany(part => part)];

    public PickleText Add(params byte[] instruction)
    {
        instructions.Add(instruction);
        return this;
    }

    public PickleText Op(char opcode) => Add((byte)opcode);

    public PickleText Text(string text) =>
        Add([(byte)'X', .. U32((uint)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)]);

    public PickleText Global(string module, string name) => Add([(byte)'c', .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")]);

    public PickleText Integer(long value) =>
        value is >= 0 and < 256 ? Add((byte)'K', (byte)value)
        : value is >= int.MinValue and <= int.MaxValue ? Add([(byte)'J', .. U32((uint)(int)value)])
        : Add([0x8a, 8, .. I64(value)]);

    public PickleText Tuple(params long[] values)
    {
        Op('(');
        foreach (long value in values)
            Integer(value);
        return Op('t');
    }

    /// <summary>A tensor over a storage of its own key, as torch.save writes it.</summary>
    public PickleText Tensor(StoredValues values)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(');
        Op('(').Text("storage").Global("torch", values.Storage).Text(values.Key).Text("cpu").Integer(values.Count).Op('t').Op('Q');
        Integer(values.Offset).Tuple(values.Shape).Tuple(values.Strides).Add(0x89);
        return Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');
    }

    /// <summary>A dictionary of such tensors.</summary>
    public PickleText StateDict(IEnumerable<StoredValues> tensors)
    {
        Op('}').Op('(');
        foreach (var tensor in tensors)
            Text(tensor.Name).Tensor(tensor);
        return Op('u');
    }

    private static byte[] U32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] I64(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}

/// <summary>A tensor and the bytes of its storage.</summary>
/// <param name="Storage">Its class, FloatStorage for example.</param>
/// <param name="Count">Values of the storage that the pickle claims.</param>
public sealed record StoredValues(
    string Name,
    string Storage,
    string Key,
    byte[] Data,
    long Count,
    long Offset,
    long[] Shape,
    long[] Strides
)
{
    /// <summary>Rows of float32 without gaps.</summary>
    public static StoredValues Floats(string name, string key, float[] values, params long[] shape)
    {
        byte[] data = [.. values.SelectMany(BitConverter.GetBytes)];
        long[] strides = new long[shape.Length];
        long step = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
            (strides[axis], step) = (step, step * shape[axis]);
        return new StoredValues(name, "FloatStorage", key, data, values.Length, 0, shape, strides);
    }
}
