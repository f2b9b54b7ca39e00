namespace ClipDistributed.TestKit.Pickles;

/// <summary>PyTorch files that are hostile by what they are made of: deep, large, many, or over storages that lie.</summary>
public static class PickleShapes
{
    private static readonly StoredValues Two = StoredValues.Floats("w", "0", [1, 2], 2);

    public static byte[] Make(int seed)
    {
        var random = new Random(seed);
        int count = 1 << random.Next(1, 21);
        byte[] pickle = random.Next(9) switch
        {
            0 => [.. Start, .. Repeat("](}"[random.Next(3)], count), .. Repeat('a', random.Next(count)), (byte)'.'],
            1 => Doubling(random.Next(1, 200)),
            2 => [.. Start, 0x8b, .. BitConverter.GetBytes(count), .. new byte[count], (byte)'.'],
            3 => ManyTensors(count >> 5, random),
            4 => new PickleText()
                .StateDict(
                    Enumerable
                        .Range(0, 50)
                        .Select(i => Two with { Name = $"w{i}", Key = $"{i % 3}", Count = 1L << random.Next(62), Offset = random.Next(4) })
                )
                .Op('.')
                .Bytes,
            5 => new PickleText()
                .StateDict([
                    Two with
                    {
                        Shape = [.. Enumerable.Repeat(1L << random.Next(40), random.Next(1, 80))],
                        Strides = [.. Enumerable.Repeat(0L, random.Next(1, 80))],
                    },
                ])
                .Op('.')
                .Bytes,
            6 => new PickleText()
                .StateDict([Two with { Name = new string('n', count) }, Two with { Storage = new string('s', random.Next(2000)) }])
                .Op('.')
                .Bytes,
            7 => Modules(random.Next(1, 40), Math.Min(count, 200_000)),
            _ =>
            [
                .. Start,
                .. Enumerable.Range(0, count).SelectMany(i => (byte[])[(byte)'N', (byte)'r', .. BitConverter.GetBytes(i), (byte)'0']),
                (byte)'N',
                (byte)'.',
            ],
        };
        StoredValues[] storages = [Two, Two with { Key = "1" }, Two with { Key = "2" }];
        return random.Next(3) switch
        {
            0 => TorchFiles.Legacy(pickle, storages),
            1 => TorchFiles.Zip(pickle, storages, files: ("constants.pkl", [])),
            _ => TorchFiles.Zip(pickle, storages),
        };
    }

    private static byte[] Start => new PickleText().Bytes;

    /// <summary>A list that holds the one before twice, so many times.</summary>
    private static byte[] Doubling(int times) =>
        [
            .. Start,
            (byte)']',
            (byte)'q',
            0,
            .. Enumerable
                .Range(0, times)
                .SelectMany(_ => (byte[])[(byte)'0', (byte)']', (byte)'h', 0, (byte)'a', (byte)'h', 0, (byte)'a', (byte)'q', 0]),
            (byte)'.',
        ];

    private static byte[] ManyTensors(int count, Random random) =>
        new PickleText()
            .StateDict(Enumerable.Range(0, count).Select(i => Two with { Name = random.Next(2) == 0 ? $"w{i}" : "w", Key = $"{i % 2}" }))
            .Op('.')
            .Bytes;

    /// <summary>Modules that hold the one before twice.</summary>
    private static byte[] Modules(int times, int name)
    {
        byte[] module =
        [
            .. new PickleText().Global("argparse", "Namespace").Op(')').Add(0x81).Instructions.Skip(1).SelectMany(part => part),
        ];
        byte[] text = new PickleText().Text(new string('n', name)).Instructions[1],
            other = new PickleText().Text("b").Instructions[1];
        return
        [
            .. Start,
            .. text,
            (byte)'q',
            0,
            (byte)'0',
            .. module,
            (byte)'q',
            1,
            .. Enumerable
                .Range(0, times)
                .SelectMany(_ =>
                    (byte[])
                        [
                            (byte)'0',
                            .. module,
                            (byte)'}',
                            (byte)'(',
                            (byte)'h',
                            0,
                            (byte)'h',
                            1,
                            .. other,
                            (byte)'h',
                            1,
                            (byte)'u',
                            (byte)'b',
                            (byte)'q',
                            1,
                        ]
                ),
            (byte)'.',
        ];
    }

    private static IEnumerable<byte> Repeat(char opcode, int count) => Enumerable.Repeat((byte)opcode, count);
}
