using System.Diagnostics;
using System.IO.Compression;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tests.Weights;
using ClipDistributed.Contracts.Weights;
using ClipDistributed.TestKit.Mutations;
using ClipDistributed.TestKit.Pickles;

namespace ClipDistributed.Contracts.Tests.Pickles;

/// <summary>Small files that would take much memory or time.</summary>
public sealed class PickleBoundsTests : HostileFileTest
{
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
            string path = Folder.File("m.pt");
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
    public void ReadEntries_FilesOfHostileForm_AreReadOrRefusedInSeconds()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            string path = Folder.File("m.pt");
            File.WriteAllBytes(path, seed % 2 == 0 ? PickleShapes.Make(seed) : TextShapes.Safetensors(seed));
            var watch = Stopwatch.StartNew();
            var outcome = Record.Exception(() => WeightFiles.Single(path).ReadEntries());
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"seed {seed}: {watch.Elapsed}");
            Assert.True(outcome is null or BadInputException { Message.Length: < 1000 }, $"seed {seed}: {outcome}");
        }
    }

    private static IEnumerable<byte> Repeat(byte[] part, int count) => Enumerable.Repeat(part, count).SelectMany(bytes => bytes);
}
