using Apache.Arrow;
using Apache.Arrow.Types;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tests.Batches;
using ClipDistributed.Data.Verification;
using ParquetSharp;
using ParquetSharp.Arrow;
using ParquetSharp.Schema;

namespace ClipDistributed.Data.Tests.Manifests;

/// <summary>One column of every type that Arrow writes, two rows of it, and everyone who reads it: all say the same.</summary>
public sealed class ColumnReadersTests : IDisposable
{
    private static readonly DateTimeOffset Day = new(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Name, the column, what captions in it are (null: refused by this type), what labels are.</summary>
    public static TheoryData<string, string?, string[]?, string[]?> Types() => new()
    {
        { "string", null, ["1", "0"], ["1", "0"] },
        { "large_string", null, ["1", "0"], ["1", "0"] },
        { "dictionary", null, ["1", "0"], ["1", "0"] },
        { "binary", null, ["1", "0"], ["1", "0"] },
        { "int8", "int8", null, ["1", "0"] },
        { "int64", "int64", null, ["1", "0"] },
        { "uint32", "uint32", null, ["1", "0"] },
        { "float", "float", null, ["1", "0"] },
        { "double", "double", null, ["1", "0"] },
        { "decimal", "decimal(9, 2)", null, ["1", "0"] },
        { "bool", "bool", null, null },
        { "date", "date", null, null },
        { "time", "time", null, null },
        { "timestamp", "timestamp", null, null },
        { "list<string>", "list<text>", null, null },
        { "list<int>", "list<int64>", null, null },
        { "list<struct>", "list<struct {text}>", null, null },
        { "struct", "struct {text}", null, null },
        { "null", "null", null, null },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Captions_OfAnyType_AreReadOrRefusedAlikeByAll(string type, string? refusal, string[]? captions, string[]? labels)
    {
        _ = labels;
        Write("caption", Column(type));
        string?[] said =
        [
            Refusal(ColumnNeeds.Pairs),
            Refusal(ColumnNeeds.Looked),
            Verified(),
            Named(ColumnNeeds.Images, caption: "caption"),
        ];
        if (captions is not null)
        {
            Assert.All(said, line => Assert.Null(line));
            Assert.Equal(captions, CaptionReader.Read(ManifestBuilder.Build([new SourceSpec { Path = folder.Path }])));
            return;
        }
        Assert.All(said[..3], line => Assert.Equal(said[0], line));
        Assert.StartsWith(
            "has no caption column under a usual name (caption, text, txt, captions, alt_text, …) that holds text: 'caption' holds "
                + $"{refusal}; its columns are image (bytes), caption ({refusal}). ",
            said[0],
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            $"has no caption column 'caption' that holds text: 'caption' holds {refusal};",
            said[3],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Labels_OfAnyType_AreReadOrRefusedAlikeByAll(string type, string? refusal, string[]? captions, string[]? labels)
    {
        _ = captions;
        Write("label", Column(type));
        string? said = Refusal(ColumnNeeds.Labelled);
        Assert.Null(Refusal(ColumnNeeds.Images)); // a reader that wants no labels is not refused
        Assert.Null(Refusal(ColumnNeeds.Looked));
        if (labels is not null)
        {
            Assert.Null(said);
            var images = LabelledImages.Open(
                new SourceSpec { Path = folder.Path },
                ["a", "b"],
                new EvaluationTransform(4),
                maxImagePixels: 1000
            );
            Assert.Equal(labels, images.Read().SelectMany(piece => piece.Labels).Select(label => $"{label}"));
            return;
        }
        Assert.StartsWith(
            "has no label column under a usual name (label, cls, class, labels, class_id, …) that holds whole numbers or text: "
                + $"'label' holds {refusal}; its columns are ",
            said,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Images_OfAnyType_AreReadOrRefusedAlikeByAll(string type, string? refusal, string[]? captions, string[]? labels)
    {
        _ = (captions, labels);
        Write("picture", Column(type), image: "image_of_row");
        string?[] said =
        [
            .. new[] { ColumnNeeds.Images, ColumnNeeds.Looked, ColumnNeeds.Labelled, ColumnNeeds.Pairs }.Select(Refusal),
            Verified(),
        ];
        if (type == "binary")
        {
            Assert.Null(said[0]);
            return;
        }
        Assert.All(
            said,
            line =>
                Assert.StartsWith(
                    "has no image column under a usual name (image, jpg, jpeg, png, webp, …) that holds bytes, or a struct {bytes, path}: "
                        + $"'picture' holds {refusal ?? "text"}",
                    line,
                    StringComparison.Ordinal
                )
        );
    }

    // Lists as Protocol Buffers' and Thrift's writers have them: the column itself is repeated.
    [Fact]
    public void Build_RepeatedColumn_IsAList()
    {
        using (var image = new PrimitiveNode("image", Repetition.Required, LogicalType.None(), PhysicalType.ByteArray))
        using (var label = new PrimitiveNode("label", Repetition.Repeated, LogicalType.None(), PhysicalType.Int32))
        using (var root = new GroupNode("schema", Repetition.Required, [image, label]))
        using (var properties = new WriterPropertiesBuilder().Build())
        using (var writer = new ParquetFileWriter(folder.File("a.parquet"), root, properties))
        {
            using var group = writer.AppendRowGroup();
            using (var images = group.NextColumn().LogicalWriter<byte[]>())
                images.WriteBatch([PictureDataset.ImageOf(new SampleId(0, 7)), PictureDataset.ImageOf(new SampleId(0, 8))]);
            using (var labels = (ColumnWriter<int>)group.NextColumn())
                labels.WriteBatch(3, [1, 1, 1], [0, 1, 0], [1, 0, 1]);
            writer.Close();
        }
        Assert.Contains("'label' holds list<int32>", Refusal(ColumnNeeds.Labelled), StringComparison.Ordinal);
        Assert.Null(Refusal(ColumnNeeds.Images));
    }

    private string? Refusal(ColumnNeeds needs) => Named(needs);

    /// <summary>Without the place and the file.</summary>
    private string? Named(ColumnNeeds needs, string caption = "auto")
    {
        try
        {
            ManifestBuilder.Build([new SourceSpec { Path = folder.Path, CaptionColumn = caption }], "PATH", needs);
            return null;
        }
        catch (BadInputException refused)
        {
            string line = refused.Errors[0];
            return line[line.IndexOf("has no ", StringComparison.Ordinal)..];
        }
    }

    private string? Verified() =>
        new DatasetVerification(new SourceSpec(), 1_000_000)
            .Run([ImageSource.Find(folder.Path, "PATH")], workers: 1)
            .SelectMany(part => part.Damaged)
            .FirstOrDefault()
            ?.Reason;

    private void Write(string name, IArrowArray column, string image = "image")
    {
        var images = new BinaryArray.Builder();
        images.Append(PictureDataset.ImageOf(new SampleId(0, 7)).AsSpan()).Append(PictureDataset.ImageOf(new SampleId(0, 8)).AsSpan());
        using var batch = new RecordBatch.Builder().Append(image, true, images.Build()).Append(name, true, column).Build();
        using var writer = new FileWriter(folder.File("a.parquet"), batch.Schema);
        writer.WriteRecordBatch(batch);
        writer.Close();
    }

    private static IArrowArray Column(string type) => type switch
    {
        "string" => Text(),
        "large_string" => Large(Text()),
        "dictionary" => new DictionaryArray(
            new DictionaryType(Int32Type.Default, StringType.Default, ordered: false), new Int32Array.Builder().Append(1).Append(0).Build(),
            new StringArray.Builder().Append("0").Append("1").Build()),
        "binary" => new BinaryArray.Builder().Append("1"u8).Append("0"u8).Build(),
        "int8" => new Int8Array.Builder().Append(1).Append(0).Build(),
        "int64" => new Int64Array.Builder().Append(1).Append(0).Build(),
        "uint32" => new UInt32Array.Builder().Append(1).Append(0).Build(),
        "float" => new FloatArray.Builder().Append(1).Append(0).Build(),
        "double" => new DoubleArray.Builder().Append(1).Append(0).Build(),
        "decimal" => new Decimal128Array.Builder(new Decimal128Type(9, 2)).Append(1m).Append(0m).Build(),
        "bool" => new BooleanArray.Builder().Append(true).Append(false).Build(),
        "date" => new Date32Array.Builder().Append(Day).Append(Day).Build(),
        "time" => new Time64Array.Builder().Append(1).Append(2).Build(),
        "timestamp" => new TimestampArray.Builder().Append(Day).Append(Day).Build(),
        "list<string>" => List(StringType.Default, Text()),
        "list<int>" => List(Int64Type.Default, new Int64Array.Builder().Append(1).Append(0).Build()),
        "list<struct>" => List(Struct().Data.DataType, Struct()),
        "struct" => Struct(),
        "null" => new NullArray(2),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static StringArray Text() => new StringArray.Builder().Append("1").Append("0").Build();

    private static StructArray Struct() =>
        new(new StructType([new Field("text", StringType.Default, nullable: true)]), 2, [Text()], ArrowBuffer.Empty);

    /// <summary>The same values behind offsets of 64 bits.</summary>
    private static LargeStringArray Large(StringArray text) =>
        new(text.Length, new ArrowBuffer.Builder<long>().Append(0).Append(1).Append(2).Build(), text.ValueBuffer, ArrowBuffer.Empty);

    /// <summary>One value a row.</summary>
    private static ListArray List(IArrowType type, IArrowArray values) =>
        new(
            new ListType(new Field("element", type, nullable: true)),
            2,
            new ArrowBuffer.Builder<int>().Append(0).Append(1).Append(2).Build(),
            values,
            ArrowBuffer.Empty
        );
}
