using System.Buffers.Binary;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Model.Safetensors;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private static readonly ScalarType[] Types =
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
        ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    private static readonly string[] Words = ["", "visual.proj", "größe", "図", "😀", "a\"b\\c", "new\nline", "\0", "__metadata", " "];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_WhatWasWritten_HasTheSameNamesTypesShapesAndBytes()
    {
        var tensorGen =
            from word in Gen.OneOf(Words)
            from type in Gen.OneOf(Types)
            from shape in Gen.Long[0, 5].Array[0, 4]
            from seed in Gen.Int
            select (word, type, shape, seed);
        tensorGen
            .Array[0, 6]
            .Sample(
                drawn =>
                {
                    using var scope = NewDisposeScope();
                    var written = drawn
                        .Select((one, i) => (Name: one.word + (i == 0 ? "" : i), Value: RandomTensor(one.type, one.shape, one.seed)))
                        .ToList();
                    string path = folder.File("any.safetensors");
                    SafetensorsFile.Write(path, written);

            using var file = SafetensorsFile.Open(path);
            Assert.Equal(written.Select(one => one.Name).Order(StringComparer.Ordinal), file.Entries.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, value) in written)
            {
                Assert.Equal(value.dtype, SafetensorsTypes.Of(file.Entries[name].Type));
                Golden.AssertSameBits(value, file.Load(name), name);
            }
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void Load_TensorLargerThanTheBuffer_HasTheSameBytes()
    {
        using var scope = NewDisposeScope();
        var large = RandomTensor(ScalarType.Float32, [700_001], seed: 5); // 2.8 MB, not a multiple of the buffer
        SafetensorsFile.Write(folder.File("large.safetensors"), [("before", ones(3)), ("large", large)]);
        using var file = SafetensorsFile.Open(folder.File("large.safetensors"));
        Golden.AssertSameBits(large, file.Load("large"), "large");
    }

    [Fact]
    public void Write_TransposedView_WritesItsValuesRowByRow()
    {
        using var scope = NewDisposeScope();
        var matrix = arange(6, ScalarType.Float32).view(2, 3);
        SafetensorsFile.Write(folder.File("view.safetensors"), [("t", matrix.t())]);
        using var file = SafetensorsFile.Open(folder.File("view.safetensors"));
        Assert.Equal([3, 2], file.Load("t").shape);
        Assert.Equal([0f, 3, 1, 4, 2, 5], file.Load("t").data<float>());
    }

    [Fact]
    public void Write_NamesOfAnyLength_StartsTheDataAtAMultipleOfEight()
    {
        using var scope = NewDisposeScope();
        for (int length = 1; length <= 16; length++)
        {
            string path = folder.File("aligned.safetensors");
            SafetensorsFile.Write(path, [(new string('n', length), ones(1))]);
            byte[] bytes = File.ReadAllBytes(path);
            ulong header = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(0u, header % 8);
            Assert.Equal(8 + (long)header + 4, bytes.Length);
            Assert.Equal((byte)'{', bytes[8]); // readers look for it
        }
    }

    [Fact]
    public void Write_Metadata_IsReadBack()
    {
        using var scope = NewDisposeScope();
        string path = folder.File("metadata.safetensors");
        SafetensorsFile.Write(path, [("a", ones(1))]);
        using (var file = SafetensorsFile.Open(path))
            Assert.Equal("pt", file.Metadata["format"]); // without it, transformers refuses the file

        SafetensorsFile.Write(path, [("a", ones(1))], new Dictionary<string, string> { ["größe"] = "7\n" });
        using (var file = SafetensorsFile.Open(path))
            Assert.Equal([new("größe", "7\n")], file.Metadata);
    }

    [Fact]
    public void Load_UnknownName_IsRefusedByName()
    {
        using var scope = NewDisposeScope();
        string path = folder.File("one.safetensors");
        SafetensorsFile.Write(path, [("a", ones(1))]);
        using var file = SafetensorsFile.Open(path);
        var refused = Assert.Throws<BadInputException>(() => file.Load("b"));
        Assert.Contains(path, refused.Message);
        Assert.Contains("'b'", refused.Message);
    }

    private static Tensor RandomTensor(ScalarType type, long[] shape, int seed)
    {
        var tensor = empty(shape, type);
        byte[] bytes = new byte[tensor.numel() * tensor.element_size()];
        new Random(seed).NextBytes(bytes);
        if (type == ScalarType.Bool)
            bytes = [.. bytes.Select(value => (byte)(value & 1))];
        if (bytes.Length > 0)
            tensor.bytes = bytes;
        return tensor;
    }
}
