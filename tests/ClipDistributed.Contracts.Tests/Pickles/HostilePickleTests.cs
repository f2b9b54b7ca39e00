using System.Diagnostics;
using System.IO.Compression;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tests.Weights;
using ClipDistributed.Contracts.Weights;
using ClipDistributed.TestKit.Mutations;
using ClipDistributed.TestKit.Pickles;

namespace ClipDistributed.Contracts.Tests.Pickles;

public sealed class HostilePickleTests : IDisposable
{
    private static readonly StoredValues Two = StoredValues.Floats("a", "0", [1, 2], 2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch.nn.modules.linear", "Linear")]
    [InlineData("torch", "ComplexFloatStorage")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    [InlineData("collections", "namedtuple")]
    [InlineData("__torch__", "Model")] // of TorchScript, in a file that is none
    [InlineData("__builtin__", "getattr")]
    [InlineData("builtins", "bytearray")]
    public void Read_NameThatIsNotBuilt_IsRefusedByName(string module, string name)
    {
        var called = new PickleText().Global(module, name).Text("touch /tmp/x").Add(0x85).Op('R');
        var stacked = new PickleText(4).Text(module).Text(name).Add(0x93).Op(')').Add(0x81);
        foreach (var pickle in new[] { called, stacked })
        {
            string error = Refused(TorchFiles.Zip(pickle.Op('.').Bytes, []));
            Assert.Contains($"it names '{module}.{name}'; only tensors and containers are built, and nothing is executed", error);
            Assert.Contains($"'{module}.{name}'", Refused(TorchFiles.Legacy(pickle.Bytes, [])));
        }
    }

    [Fact]
    public void Read_NameWithTerminalSequences_IsShownWithoutThem()
    {
        string error = Refused(TorchFiles.Zip(new PickleText().Global("os", "\u001b[2J\u202esystem").Op('.').Bytes, []));
        Assert.Contains("'os.?[2J?system'", error);
        Assert.DoesNotContain('\u001b', error);
    }

    [Theory]
    [InlineData('i')] // INST, OBJ and the extension registry name classes in other ways
    [InlineData('o')]
    [InlineData('\u0082')]
    [InlineData('\u0083')]
    [InlineData('\u0084')]
    [InlineData('\u0092')]
    [InlineData('\u0097')]
    [InlineData('P')]
    public void Read_OtherInstruction_IsRefused(char opcode) =>
        Assert.Contains(
            $"the instruction 0x{(int)opcode:x2} is not one that builds data",
            Refused(TorchFiles.Zip(new PickleText().Op('(').Text("os").Text("system").Add((byte)opcode, 0, 0, 0, 0).Op('.').Bytes, []))
        );

    public static TheoryData<string, byte[]> Lies => new()
    {
        { "claims 4294967295 bytes", new PickleText().Add((byte)'X', 255, 255, 255, 255).Bytes },
        { "claims 18446744073709551615 bytes", new PickleText(4).Add(0x8d, 255, 255, 255, 255, 255, 255, 255, 255).Bytes },
        { "claims 4294967295 bytes", new PickleText().Add(0x8b, 255, 255, 255, 255).Bytes },
        { "memo 7 was never set", new PickleText().Add((byte)'h', 7).Op('.').Bytes },
        { "an item is missing", new PickleText().Op('.').Bytes },
        { "an item is missing", new PickleText().Op('N').Op('(').Op('0').Op('0').Op('0').Bytes },
        { "a mark is missing", new PickleText().Op('t').Op('.').Bytes },
        { "a key has no value", new PickleText().Op('}').Op('(').Text("a").Op('u').Op('.').Bytes },
        { "keys are set in what is no dictionary", new PickleText().Op(']').Text("a").Op('N').Op('s').Op('.').Bytes },
        { "items are added to what is no list", new PickleText().Op('}').Op('N').Op('a').Op('.').Bytes },
        { "no pickle of protocol 2 to 5", "}."u8.ToArray() },
        { "no pickle of protocol 2 to 5", new PickleText(6).Op('}').Op('.').Bytes },
        { "is cut off", new PickleText().Op('}').Bytes },
        { "it calls what is no function", new PickleText().Text("os.system").Op(')').Op('R').Op('.').Bytes },
        { "refers to something outside the pickle", new PickleText().Text("/etc/passwd").Op('Q').Op('.').Bytes },
        { "holds no dictionary", new PickleText().Op(']').Op('.').Bytes },
        { "holds one tensor", new PickleText().Tensor(Two).Op('.').Bytes },
        { "its keys are 'epoch'", new PickleText().Op('}').Text("epoch").Integer(1).Op('s').Op('.').Bytes },
        { "its keys are none", new PickleText().Op('}').Op('.').Bytes },
        { "a name is longer than 1024 bytes", new PickleText().Global(new string('x', 5000), "y").Op('.').Bytes },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void Read_PickleThatLies_IsRefused(string expected, byte[] pickle) =>
        Assert.Contains(expected, Refused(TorchFiles.Zip(pickle, [Two])));

    [Theory]
    [InlineData(1, 0, "2", "1")]
    [InlineData(0, 0, "3", "1")]
    [InlineData(0, 2, "1", "1")]
    [InlineData(0, 0, "2", "2")]
    [InlineData(0, -1, "1", "1")]
    [InlineData(0, 0, "-1", "1")]
    [InlineData(0, 0, "2", "-1")]
    [InlineData(0, 0, "2", "4611686018427387904")] // times 4 bytes overflows
    [InlineData(0, 9223372036854775807, "2", "9223372036854775807")]
    [InlineData(0, 0, "4294967296,4294967296,0", "0,0,0")] // a side of 0 hides nothing
    [InlineData(0, 0, "1099511627777", "0")]
    [InlineData(0, 0, "2,1", "1")]
    public void Read_ViewOutsideOfItsStorage_IsRefused(int claimed, long offset, string shape, string strides)
    {
        var view = Two with { Count = 2 + claimed * 1000, Offset = offset, Shape = Numbers(shape), Strides = Numbers(strides) };
        string error = Refused(TorchFiles.Zip(new PickleText().StateDict([view]).Op('.').Bytes, [view]));
        Assert.True(error.Contains("storage '0'", StringComparison.Ordinal), error);
        Refused(TorchFiles.Legacy(new PickleText().StateDict([view]).Op('.').Bytes, [Two]));

        static long[] Numbers(string list) => [.. list.Split(',').Select(long.Parse)];
    }

    [Fact]
    public void Read_ViewsThatOverlap_HaveTheirValues()
    {
        var repeated = Two with { Shape = [2, 3], Strides = [1, 0] };
        var windows = Two with { Name = "b", Shape = [2, 1], Strides = [1, 1] };
        var entries = Read(TorchFiles.Zip(new PickleText().StateDict([repeated, windows]).Op('.').Bytes, [Two]));
        Assert.Equal([1, 1, 1, 2, 2, 2], Values.FloatsOf(entries["a"]));
        Assert.Equal([1, 2], Values.FloatsOf(entries["b"]));
    }

    [Theory]
    [InlineData("big", true)]
    [InlineData("little", false)]
    public void Read_ByteOrder_IsKept(string order, bool big)
    {
        byte[] pickle = new PickleText().StateDict([Two]).Op('.').Bytes;
        var swapped = big ? Two with { Data = [.. Two.Data.Chunk(4).SelectMany(value => value.Reverse())] } : Two;
        Assert.Equal(
            [1, 2],
            Values.FloatsOf(
                Read(
                    TorchFiles.Zip(
                        pickle,
                        [swapped],
                        CompressionLevel.NoCompression,
                        ("byteorder", System.Text.Encoding.ASCII.GetBytes(order))
                    )
                )["a"]
            )
        );
        Assert.Equal([1, 2], Values.FloatsOf(Read(TorchFiles.Legacy(pickle, [swapped], littleEndian: !big))["a"]));
    }

    [Theory]
    [InlineData("deep lists")]
    [InlineData("many marks")]
    [InlineData("many dictionaries")]
    [InlineData("copies of a large list")]
    [InlineData("large arguments")]
    [InlineData("attributes again and again")]
    [InlineData("a tensor of a million sides")]
    [InlineData("many values")]
    [InlineData("long texts")]
    public void Read_MuchFromLittle_IsRefusedInBoundedMemoryAndTime(string kind)
    {
        byte[] pickle = new PickleText().Bytes;
        byte[] large = [.. Repeat([(byte)'N'], 400_000)];
        pickle = kind switch
        {
            "deep lists" => [.. pickle, .. Repeat([(byte)']'], 1_200_000), .. Repeat([(byte)'a'], 1_199_999), (byte)'.'],
            "many marks" => [.. pickle, .. Repeat([(byte)'('], 1_200_000), (byte)'N', (byte)'.'],
            "many dictionaries" => [.. pickle, .. Repeat([(byte)'}', (byte)'q', 0], 1_200_000), (byte)'.'],
            "many values" => [.. pickle, .. Repeat([(byte)'N'], 1_200_000), (byte)'.'],
            "copies of a large list" =>
            [
                .. new PickleText().Op('N').Op('N').Add(0x86, (byte)'q', 2).Op('(').Bytes,
                .. Repeat([(byte)'h', 2], 400_000),
                (byte)'t',
                (byte)'q',
                0,
                .. new PickleText()
                    .Global("collections", "OrderedDict")
                    .Add((byte)'q', 1, (byte)'0')
                    .Instructions.Skip(1)
                    .SelectMany(x => x),
                .. Repeat([(byte)'h', 1, (byte)'h', 0, 0x85, (byte)'R'], 10_000),
                (byte)'.',
            ],
            "large arguments" =>
            [
                .. new PickleText().Op('(').Bytes,
                .. large,
                (byte)'t',
                (byte)'q',
                0,
                .. new PickleText().Global("torch", "device").Add((byte)'q', 1, (byte)'0').Instructions.Skip(1).SelectMany(x => x),
                .. Repeat([(byte)'h', 1, (byte)'h', 0, (byte)'R'], 10_000),
                (byte)'.',
            ],
            "attributes again and again" =>
            [
                .. new PickleText().Op('}').Op('(').Bytes,
                .. Repeat([(byte)'N', (byte)'N'], 200_000),
                (byte)'u',
                (byte)'q',
                0,
                .. new PickleText().Global("argparse", "Namespace").Op(')').Add(0x81).Instructions.Skip(1).SelectMany(x => x),
                .. Repeat([(byte)'h', 0, (byte)'b'], 10_000),
                (byte)'.',
            ],
            "a tensor of a million sides" =>
            [
                .. new PickleText().Op('(').Bytes,
                .. Repeat([(byte)'K', 1], 100_000),
                (byte)'t',
                (byte)'q',
                9,
                .. Repeat([.. Tensors()], 1_000),
                (byte)'.',
            ],
            _ => [.. pickle, .. Repeat([(byte)'X', 0, 0, 16, 0, .. new byte[1 << 20]], 40), (byte)'.'],
        };
        var watch = Stopwatch.StartNew();
        long before = GC.GetTotalAllocatedBytes();
        string error = Refused(TorchFiles.Zip(pickle, [Two]));
        Assert.Contains(
            kind switch
            {
                "long texts" => "bytes of text",
                "a tensor of a million sides" => "has 100000 sides",
                _ => "builds more than 1000000 objects",
            },
            error
        );
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        Assert.True(GC.GetTotalAllocatedBytes() - before < 1_000_000_000, $"{GC.GetTotalAllocatedBytes() - before} bytes");

        static IEnumerable<byte> Tensors() =>
            [
                .. new PickleText()
                    .Global("torch._utils", "_rebuild_tensor_v2")
                    .Op('(')
                    .Op('(')
                    .Text("storage")
                    .Global("torch", "FloatStorage")
                    .Text("0")
                    .Text("cpu")
                    .Integer(2)
                    .Op('t')
                    .Op('Q')
                    .Integer(0)
                    .Instructions.Skip(1)
                    .SelectMany(x => x),
                (byte)'h',
                9,
                (byte)'h',
                9,
                (byte)'t',
                (byte)'R',
            ];
    }

    // Each holds the next one twice, under a long name.
    [Fact]
    public void Read_ModulesWhoseNamesGrow_AreRefusedInBoundedMemoryAndTime()
    {
        var module = new PickleText()
            .Global("argparse", "Namespace")
            .Op(')')
            .Add(0x81)
            .Instructions.Skip(1)
            .SelectMany(part => part)
            .ToArray();
        byte[] name = [.. new PickleText().Text(new string('n', 100_000)).Instructions.Skip(1).SelectMany(part => part)];
        // A memo of the name, then modules that are each given {name: the one before, "b": the one before}.
        byte[] pickle =
        [
            .. new PickleText().Bytes,
            .. name,
            (byte)'q',
            0,
            (byte)'0',
            .. module,
            (byte)'q',
            1,
            .. Enumerable
                .Range(0, 20)
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
                            .. new PickleText().Text("b").Instructions[1],
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
        var watch = Stopwatch.StartNew();
        Assert.Contains(
            "grow without end",
            Refused(TorchFiles.Zip(pickle, [Two], CompressionLevel.NoCompression, ("constants.pkl", []))),
            StringComparison.Ordinal
        );
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    /// <summary>Some of the files that make fuzz tries by the thousand.</summary>
    [Fact]
    public void ReadEntries_MutatedFiles_AreReadOrRefused()
    {
        int read = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            string path = folder.File("m.pt");
            File.WriteAllBytes(path, PickleMutator.Make(seed));
            try
            {
                foreach (var entry in WeightFiles.Single(path).ReadEntries().Values)
                    Assert.True(
                        entry.Start >= 0 && entry.Start + 4 * entry.Reach <= new FileInfo(path).Length,
                        $"seed {seed}: {entry.Name} reaches beyond the file"
                    );
                read++;
            }
            catch (BadInputException refused)
            {
                Assert.True(
                    refused.Errors.All(error =>
                        error.StartsWith(path, StringComparison.Ordinal) && error.Length < 1000 && !error.Contains('\n')
                    ),
                    $"seed {seed}: {refused.Message}"
                );
            }
        }
        Assert.InRange(read, 1, 199); // of both there are some
        Assert.Equal(["bias", "logit_scale", "weight"], Read(PickleMutator.Make(0)).Keys.Order());
    }

    // Numbers of any length cost the square of their digits to show.
    [Fact]
    public void Read_NumberOfManyBytes_IsRefused()
    {
        byte[] pickle = [.. new PickleText().Bytes, 0x8b, .. BitConverter.GetBytes(257), .. new byte[257], (byte)'.'];
        Assert.Contains("holds 257 bytes", Refused(TorchFiles.Zip(pickle, [Two])), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_StorageOfTwoSizes_IsRefused()
    {
        byte[] pickle = new PickleText()
            .StateDict([Two, Two with { Name = "b", Storage = "DoubleStorage", Count = 1, Shape = [1], Strides = [1] }])
            .Op('.')
            .Bytes;
        Assert.Contains("has values of 4 and of 8 bytes", Refused(TorchFiles.Zip(pickle, [Two])), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadEntries_FilesOfHostileForm_AreReadOrRefusedInSeconds()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            string path = folder.File("m.pt");
            File.WriteAllBytes(path, seed % 2 == 0 ? PickleShapes.Make(seed) : TextShapes.Safetensors(seed));
            var watch = Stopwatch.StartNew();
            var outcome = Record.Exception(() => WeightFiles.Single(path).ReadEntries());
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"seed {seed}: {watch.Elapsed}");
            Assert.True(outcome is null or BadInputException { Message.Length: < 1000 }, $"seed {seed}: {outcome}");
        }
    }

    private IReadOnlyDictionary<string, WeightEntry> Read(byte[] file)
    {
        string path = folder.File("weights.pt");
        File.WriteAllBytes(path, file);
        return WeightFiles.Single(path).ReadEntries();
    }

    private string Refused(byte[] file)
    {
        string error = Assert.Single(Assert.Throws<BadInputException>(() => Read(file)).Errors);
        Assert.StartsWith($"{folder.File("weights.pt")} cannot be read as PyTorch's weights: ", error);
        return error;
    }

    private static IEnumerable<byte> Repeat(byte[] part, int count) => Enumerable.Repeat(part, count).SelectMany(bytes => bytes);
}
