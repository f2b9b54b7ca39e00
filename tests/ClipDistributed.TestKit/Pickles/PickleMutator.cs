using System.IO.Compression;
using System.Text;

namespace ClipDistributed.TestKit.Pickles;

/// <summary>
/// PyTorch files with mistakes, by seed: instructions dropped, doubled, swapped or of another kind, sizes and counts that lie, names
/// of functions that a reader must not call, storages and zip entries that are not where they should be. Seed 0 is sound.
/// </summary>
public static class PickleMutator
{
    private static readonly (string Module, string Name)[] Names =
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("posix", "system"),
        ("torch", "load"),
        ("torch.storage", "_load_from_bytes"),
        ("collections", "OrderedDict"),
        ("torch", "Size"),
        ("torch", "\u001b[31m"),
    ];

    private static readonly ulong[] Sizes = [0, 1, 127, 255, 65535, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue];

    private static readonly string[] Opcodes =
    [
        "(",
        ".",
        "0",
        "1",
        "2",
        "N",
        "Q",
        "R",
        "a",
        "b",
        "e",
        ")",
        "]",
        "l",
        "s",
        "t",
        "u",
        "}",
        "d",
        "\u0081",
        "\u0085",
        "\u0087",
        "\u0088",
        "\u008f",
        "\u0090",
        "\u0091",
        "\u0093",
        "\u0094",
        "\u0097",
        "\u0092",
    ];

    public static byte[] Make(int seed)
    {
        var random = new Random(seed);
        StoredValues[] tensors =
        [
            StoredValues.Floats("module.weight", "0", [1, 2, 3, 4, 5, 6], 2, 3),
            StoredValues.Floats("module.bias", "1", [7, 8], 2),
            StoredValues.Floats("module.logit_scale", "2", [9]),
        ];
        if (seed != 0 && random.Next(3) == 0)
            tensors[0] = Lie(tensors[0], random);
        var instructions = Checkpoint(tensors, 2 + random.Next(4)).Instructions.ToList();
        for (int change = seed == 0 ? 0 : 1 + random.Next(4) / 2; change > 0; change--)
            Change(instructions, random);
        byte[] pickle = [.. instructions.SelectMany(part => part)];
        byte[] file = random.Next(2) == 0 ? TorchFiles.Legacy(pickle, tensors) : Zip(pickle, tensors, seed == 0 ? null : random);
        if (seed != 0 && random.Next(4) == 0)
            file = file[..random.Next(file.Length)];
        for (int flips = seed != 0 && random.Next(4) == 0 ? 8 : 0; flips > 0 && file.Length > 0; flips--)
            file[random.Next(file.Length)] = (byte)random.Next(256);
        return file;
    }

    private static PickleText Checkpoint(IEnumerable<StoredValues> tensors, int protocol) =>
        new PickleText(protocol)
            .Op('}')
            .Op('(')
            .Text("epoch")
            .Integer(1)
            .Text("state_dict")
            .StateDict(tensors)
            .Text("names")
            .Op(']')
            .Op('(')
            .Text("a")
            .Op('N')
            .Op('e')
            .Op('u')
            .Op('.');

    private static StoredValues Lie(StoredValues tensor, Random random) => random.Next(4) switch
    {
        0 => tensor with { Count = (long)Sizes[random.Next(8)] },
        1 => tensor with { Offset = (long)Sizes[random.Next(8)] },
        2 => tensor with { Shape = [.. tensor.Shape.Select(_ => (long)Sizes[random.Next(8)])] },
        _ => tensor with { Strides = [.. tensor.Strides.Select(_ => (long)Sizes[random.Next(8)])] },
    };

    private static void Change(List<byte[]> instructions, Random random)
    {
        int at = random.Next(1, instructions.Count);
        switch (random.Next(9))
        {
            case 0:
                instructions.RemoveAt(at);
                break;
            case 1:
                instructions.Insert(at, instructions[random.Next(instructions.Count)]);
                break;
            case 2:
                (instructions[at], instructions[^1]) = (instructions[^1], instructions[at]);
                break;
            case 3:
                instructions[at] = [(byte)Opcodes[random.Next(Opcodes.Length)][0]];
                break;
            case 4:
                var (module, name) = Names[random.Next(Names.Length)];
                instructions.InsertRange(
                    at,
                    new PickleText()
                        .Global(module, name)
                        .Text("echo")
                        .Add(0x85)
                        .Op(random.Next(2) == 0 ? 'R' : '0')
                        .Op('0')
                        .Instructions.Skip(1)
                );
                break;
            case 5:
                instructions.InsertRange(at, random.Next(2) == 0 ? [Sized(random)] : [Sized(random), [(byte)'0']]);
                break;
            case 6: // much of the same, which must not cost much more
                byte[] much = random.Next(3) == 0 ? [(byte)"(]}2"[random.Next(4)]] : [(byte)"]}"[random.Next(2)], (byte)'0'];
                instructions.InsertRange(at, Enumerable.Repeat(much, random.Next(1, 50_000)));
                break;
            case 7: // a container that holds itself
                instructions.InsertRange(at, [[(byte)']'], [(byte)'q', 9], [(byte)'h', 9], [(byte)'a'], [(byte)'0']]);
                break;
            default:
                if (instructions[at].Length > 1)
                    instructions[at] =
                    [
                        instructions[at][0],
                        .. instructions[at][1..].Select(value => random.Next(2) == 0 ? value : (byte)random.Next(256)),
                    ];
                break;
        }
    }

    /// <summary>An instruction that claims a length, or fetches what was never stored.</summary>
    private static byte[] Sized(Random random)
    {
        var (opcode, width) = new[]
        {
            ('X', 4),
            ('T', 4),
            ('B', 4),
            ('U', 1),
            ('C', 1),
            ('h', 1),
            ('j', 4),
            ('r', 4),
            ('\u008a', 1),
            ('\u008b', 4),
            ('\u008d', 8),
            ('\u008e', 8),
            ('\u0095', 8),
            ('\u0096', 8),
        }[random.Next(14)];
        return [(byte)opcode, .. BitConverter.GetBytes(Sizes[random.Next(Sizes.Length)])[..width]];
    }

    private static byte[] Zip(byte[] pickle, StoredValues[] tensors, Random? random)
    {
        if (random is null)
            return TorchFiles.Zip(pickle, tensors);
        byte[] zip = random.Next(5) switch
        {
            0 => TorchFiles.Zip(pickle, tensors, CompressionLevel.Optimal),
            1 => TorchFiles.Zip(pickle, tensors.Take(1)),
            2 => TorchFiles.Zip(
                pickle,
                tensors,
                CompressionLevel.NoCompression,
                ("byteorder", Encoding.ASCII.GetBytes(random.Next(2) == 0 ? "big" : new string('x', 1 << 20)))
            ),
            _ => TorchFiles.Zip(pickle, tensors),
        };
        string[] entries = ["archive/data.pkl", "archive/data/0", "archive/byteorder"];
        int[] fields = [10, 20, 24, 42];
        return random.Next(3) != 0
            ? zip
            : TorchFiles.WithEntryField(zip, entries[random.Next(3)], fields[random.Next(4)], (uint)Sizes[random.Next(7)]);
    }
}
