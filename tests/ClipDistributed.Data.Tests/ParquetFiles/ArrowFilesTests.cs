using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;
using ParquetSharp;
using ParquetSharp.Schema;

namespace ClipDistributed.Data.Tests.ParquetFiles;

/// <summary>What Apache Arrow's C++ writer makes, which is behind pyarrow and Hugging Face's datasets, comes back.</summary>
public sealed class ArrowFilesTests : IDisposable
{
    private const int Rows = 700;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null, null)]
    [InlineData(Encoding.Plain, Encoding.Plain)]
    [InlineData(Encoding.DeltaLengthByteArray, Encoding.DeltaBinaryPacked)]
    [InlineData(Encoding.DeltaByteArray, Encoding.ByteStreamSplit)]
    public void ReadBlock_EveryEncodingCompressionAndPageVersion_GivesTheRows(Encoding? ofBytes, Encoding? ofNumbers)
    {
        var compressions = new[]
        {
            Compression.Uncompressed,
            Compression.Snappy,
            Compression.Gzip,
            Compression.Brotli,
            Compression.Zstd,
            Compression.Lz4,
        };
        foreach (var compression in compressions)
        {
            foreach (var version in Enum.GetValues<ParquetDataPageVersion>())
            {
                foreach (bool required in new[] { true, false })
                    WriteAndRead(ofBytes, ofNumbers, compression, version, required);
            }
        }
    }

    private void WriteAndRead(
        Encoding? ofBytes,
        Encoding? ofNumbers,
        Compression compression,
        ParquetDataPageVersion version,
        bool required
    )
    {
        string path = folder.File("arrow.parquet");
        bool[] present = [.. Enumerable.Range(0, Rows).Select(row => required || row % 7 != 3)];
        byte[]?[] images =
        [
            .. present.Index().Select(row => row.Item ? Enumerable.Repeat((byte)row.Index, row.Index % 50).ToArray() : null),
        ];
        string?[] captions = [.. present.Index().Select(row => row.Item ? $"caption {row.Index % 90} – ü" : null)];
        long[] labels = [.. Enumerable.Range(0, Rows).Select(row => row * 12345L * (row % 3 - 1))];

        var repetition = required ? Repetition.Required : Repetition.Optional;
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(compression).DataPageVersion(version).DataPagesize(2000).WriteBatchSize(100);
        if (ofBytes is { } encoding)
            builder.DisableDictionary().Encoding("image", encoding).Encoding("caption", encoding).Encoding("label", ofNumbers!.Value);
        using (var properties = builder.Build())
        using (var image = new PrimitiveNode("image", repetition, LogicalType.None(), PhysicalType.ByteArray))
        using (var caption = new PrimitiveNode("caption", repetition, LogicalType.String(), PhysicalType.ByteArray))
        using (var label = new PrimitiveNode("label", Repetition.Required, LogicalType.None(), PhysicalType.Int64))
        using (var root = new GroupNode("schema", Repetition.Required, [image, caption, label]))
        using (var writer = new ParquetFileWriter(path, root, properties))
        {
            using var group = writer.AppendRowGroup();
            using (var column = group.NextColumn().LogicalWriter<byte[]?>())
                column.WriteBatch(images);
            using (var column = group.NextColumn().LogicalWriter<string?>())
                column.WriteBatch(captions);
            using (var column = group.NextColumn().LogicalWriter<long>())
                column.WriteBatch(labels);
            writer.Close();
        }

        var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = path }]).Shards);
        var rows = BlockReading.ReadOnce(entry, 0, BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label);
        Assert.Equal(images, rows.Images);
        Assert.Equal(captions, rows.Captions);
        Assert.Equal(labels.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)), rows.Labels!);
    }
}
