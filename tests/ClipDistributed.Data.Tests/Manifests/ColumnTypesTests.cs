using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Tests.Batches;
using ClipDistributed.Data.Verification;
using ClipDistributed.Data.Streams;
using ParquetSharp;

namespace ClipDistributed.Data.Tests.Manifests;

/// <summary>Columns of every type: used, or refused by the type's name, and alike by all who read them.</summary>
public sealed class ColumnTypesTests : IDisposable
{
    private static readonly string[] Classes = ["red", "green", "blue"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<Column, object, string> UnusableCaptions() => new()
    {
        { new Column<string[]>("caption"), new[] { new[] { "a", "b" }, ["c"] }, "list<text>" },
        { new Column<int>("caption"), new[] { 1, 2 }, "int32" },
        { new Column<double>("caption"), new[] { 1.0, 2 }, "double" },
        { new Column<bool>("caption"), new[] { true, false }, "bool" },
        { new Column<DateTime>("caption"), new[] { DateTime.UnixEpoch, DateTime.UnixEpoch }, "timestamp" },
        { new Column<decimal>("caption", LogicalType.Decimal(9, 2)), new[] { 1m, 2m }, "decimal(9, 2)" },
        { new Column<Guid>("caption"), new[] { Guid.Empty, Guid.Empty }, "uuid" },
    };

    [Theory]
    [MemberData(nameof(UnusableCaptions))]
    public void Build_CaptionsOfAnotherType_AreRefusedByTheirTypeEverywhere(Column caption, object values, string type)
    {
        Write(caption, (Array)values);
        foreach (var needs in new[] { ColumnNeeds.Pairs, ColumnNeeds.Looked })
            Assert.Contains($"'caption' holds {type};", Refusal(needs), StringComparison.Ordinal);
        Assert.Contains($"'caption' holds {type};", Verified(folder.File("a.parquet")), StringComparison.Ordinal);
        Assert.Single(ManifestBuilder.Build([Source], needs: ColumnNeeds.Images).Shards); // a reader that wants no captions is not refused
    }

    [Theory]
    [InlineData("caption-list/a")]
    [InlineData("caption-list/b-hf")]
    public void Build_CaseOfListCaptions_SaysSoToEveryReader(string name)
    {
        string path = Case(name);
        string[] said = [.. new[] { ColumnNeeds.Pairs, ColumnNeeds.Looked }.Select(needs => Refusal(needs, path)), Verified(path)];
        Assert.All(said, line => Assert.Contains("holds list<text>", line, StringComparison.Ordinal));
        Assert.All(said, line => Assert.Contains("Write a row for each caption", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a", "no row has image bytes, only paths (first: ")] // {bytes: null, path}
    [InlineData("str", "'image' holds text (a path, first: ")]
    [InlineData("b64", "'image' holds text (base64 text, first: ")]
    public void Build_NoImageBytes_SaysWhatIsThereInstead(string name, string expected)
    {
        foreach (var needs in new[] { ColumnNeeds.Pairs, ColumnNeeds.Looked, ColumnNeeds.Labelled, ColumnNeeds.Images })
            Assert.Contains(expected, Refusal(needs, Case($"path-only/{name}")), StringComparison.Ordinal);
        Assert.Contains(expected, Verified(Case($"path-only/{name}")), StringComparison.Ordinal);
    }

    public static TheoryData<Column, object> WholeNumbers() => new()
    {
        { new Column<sbyte>("label"), new sbyte[] { 2, 0 } },
        { new Column<byte>("label"), new byte[] { 2, 0 } },
        { new Column<ushort>("label"), new ushort[] { 2, 0 } },
        { new Column<ulong>("label"), new ulong[] { 2, 0 } },
        { new Column<long?>("label"), new long?[] { 2, 0 } },
        { new Column<float>("label"), new[] { 2f, -0f } },
        { new Column<double?>("label"), new double?[] { 2, 0 } },
        { new Column<decimal>("label", LogicalType.Decimal(9, 2)), new[] { 2m, 0m } },
        { new Column<decimal>("label", LogicalType.Decimal(29, 5)), new[] { 2m, 0m } },
        { new Column<string>("label"), new[] { "blue", "0" } },
    };

    [Theory]
    [MemberData(nameof(WholeNumbers))]
    public void Read_LabelsInAnyColumnOfNumbers_AreTheirClasses(Column label, object values)
    {
        Write(label, (Array)values);
        Assert.Equal([2, 0], Labels(Classes));
    }

    [Fact]
    public void Read_TextThatIsAClassName_IsThatClassBeforeItIsANumber()
    {
        Write(new Column<string>("label"), new[] { "0", "2" });
        Assert.Equal([2, 0], Labels(["2", "1", "0"]));
        Assert.Equal([0, 2], Labels(Classes));
        Write(new Column<int>("label"), new[] { 0, 2 });
        Assert.Equal([0, 2], Labels(["2", "1", "0"])); // a number is counted
        Write(new Column<int>("label"), new[] { 2024, 1 });
        Assert.Equal([0, 1], Labels(["2024", "2025"])); // unless there is no such number
    }

    [Fact]
    public void Read_TextThatNamesTwoClasses_IsRefusedWhereANumberIsNot()
    {
        Write(new Column<string>("label"), new[] { "dog", "crane" });
        Assert.Contains(
            "row 1: the label in column 'label' is 'crane', the name of the classes 0 and 2 (from 0)",
            Assert.Throws<BadInputException>(() => Labels(["crane", "dog", "crane"])).Message, StringComparison.Ordinal);
        Write(new Column<int>("label"), new[] { 1, 2 });
        Assert.Equal([1, 2], Labels(["crane", "dog", "crane"]));
    }

    [Fact]
    public void Read_LabelsThatAreNoClass_AreNamedWithRowAndValue()
    {
        Write(new Column<int?>("label"), new int?[] { 1, null });
        Assert.Contains(
            "row 1: the label in column 'label' is null;",
            Assert.Throws<BadInputException>(() => Labels(Classes)).Message,
            StringComparison.Ordinal
        );
        Write(new Column<double>("label"), new[] { 2.5, 1 });
        Assert.Contains(
            "row 0: the label in column 'label' is '2.5';",
            Assert.Throws<BadInputException>(() => Labels(Classes)).Message,
            StringComparison.Ordinal
        );
        Write(new Column<decimal>("label", LogicalType.Decimal(9, 3)), new[] { 1m, -0.25m });
        Assert.Contains("is '-0.25';", Assert.Throws<BadInputException>(() => Labels(Classes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_LabelsOfAnotherType_AreRefusedByTheirType()
    {
        Assert.Contains("'label' holds bool", Refusal(ColumnNeeds.Labelled, Case("label-types/bool")), StringComparison.Ordinal);
        // who reads no labels
        Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = Case("label-types/bool") }], needs: ColumnNeeds.Images).Shards);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("decimal")]
    public void Build_LabelsInFloatsAndDecimals_AreFoundWhereTheyAreWanted(string name)
    {
        var source = new SourceSpec { Path = Case($"label-types/{name}") };
        Assert.Equal("label", Assert.Single(ManifestBuilder.Build([source], needs: ColumnNeeds.Labelled).Shards).LabelColumn);
        // the digests of training data stay
        Assert.Null(Assert.Single(ManifestBuilder.Build([source], needs: ColumnNeeds.Images).Shards).LabelColumn);
    }

    private SourceSpec Source => new() { Path = folder.Path, Name = "test" };

    private static string Case(string name) => Fixtures.File("cases", $"{name}.parquet");

    private string Refusal(ColumnNeeds needs, string? path = null) =>
        Assert
            .Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = path ?? folder.Path }], needs: needs))
            .Message;

    private static string Verified(string path) =>
        Assert
            .Single(
                Assert
                    .Single(new DatasetVerification(new SourceSpec(), 1_000_000).Run([ImageSource.Find(path, "PATH")], workers: 1))
                    .Damaged
            )
            .Reason;

    private int[] Labels(string[] classes) =>
        [
            .. LabelledImages
                .Open(Source, classes, new EvaluationTransform(4), maxImagePixels: 1000)
                .Read()
                .SelectMany(piece => piece.Labels),
        ];

    /// <summary>Two pictures and one other column.</summary>
    private void Write(Column column, Array values)
    {
        using var writer = new ParquetFileWriter(folder.File("a.parquet"), [new Column<byte[]>("image"), column]);
        using var group = writer.AppendRowGroup();
        using (var images = group.NextColumn().LogicalWriter<byte[]>())
            images.WriteBatch([PictureDataset.ImageOf(new SampleId(0, 7)), PictureDataset.ImageOf(new SampleId(0, 8))]);
        using (var other = group.NextColumn().LogicalWriter())
            other.Apply(new Writing(values));
        writer.Close();
    }

    private sealed class Writing(Array values) : ILogicalColumnWriterVisitor<bool>
    {
        public bool OnLogicalColumnWriter<TValue>(LogicalColumnWriter<TValue> writer)
        {
            writer.WriteBatch((TValue[])values);
            return true;
        }
    }
}
