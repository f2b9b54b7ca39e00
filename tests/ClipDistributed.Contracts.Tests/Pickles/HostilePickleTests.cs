using System.IO.Compression;
using ClipDistributed.Contracts.Tests.Weights;
using ClipDistributed.TestKit.Pickles;

namespace ClipDistributed.Contracts.Tests.Pickles;

public sealed class HostilePickleTests : HostileFileTest
{
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
        { "keys are set in what is not a dictionary", new PickleText().Op(']').Text("a").Op('N').Op('s').Op('.').Bytes },
        { "items are added to what is not a list", new PickleText().Op('}').Op('N').Op('a').Op('.').Bytes },
        { "is not a pickle of protocol 2 to 5", "}."u8.ToArray() },
        { "is not a pickle of protocol 2 to 5", new PickleText(6).Op('}').Op('.').Bytes },
        { "is cut off", new PickleText().Op('}').Bytes },
        { "it calls what is not a function", new PickleText().Text("os.system").Op(')').Op('R').Op('.').Bytes },
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

    [Fact]
    public void Read_StorageOfTwoSizes_IsRefused()
    {
        byte[] pickle = new PickleText()
            .StateDict([Two, Two with { Name = "b", Storage = "DoubleStorage", Count = 1, Shape = [1], Strides = [1] }])
            .Op('.')
            .Bytes;
        Assert.Contains("has values of 4 and of 8 bytes", Refused(TorchFiles.Zip(pickle, [Two])), StringComparison.Ordinal);
    }
}
