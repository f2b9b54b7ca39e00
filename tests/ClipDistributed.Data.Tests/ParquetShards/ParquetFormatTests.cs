using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tests.Samples;
using Parquet;
using Parquet.Schema;

namespace ClipDistributed.Data.Tests.ParquetShards;

public class ParquetFormatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ReadBlock_WhatTheWriterWrote_ComesBack()
    {
        await using (var writer = new ParquetShardWriter(folder.Path, "a", 100, 3, new WrittenColumns("jpg", "txt", "cls")))
        {
            await writer.AddAsync([1, 2, 3], "eins", 7);
            await writer.AddAsync(null, null, null);
            await writer.AddAsync([], "", 0);
            await writer.AddAsync([4], "日本語 🙂", -1);
        }
        var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]).Shards);

        var first = BlockReading.ReadOnce(entry, 0, BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label);
        Assert.Equal(new byte[]?[] { [1, 2, 3], null, [] }, first.Images);
        Assert.Equal(["eins", null, ""], first.Captions);
        Assert.Equal(["7", null, "0"], first.Labels!);
        var second = BlockReading.ReadOnce(entry, 1);
        Assert.Equal(new byte[]?[] { [4] }, second.Images);
        Assert.Equal(["日本語 🙂"], second.Captions);
        Assert.Null(second.Labels);
    }

    [Fact]
    public async Task ReadBlock_HuggingFaceStruct_ReadsItsBytes()
    {
        var bytes = new DataField("bytes", typeof(byte[]), isNullable: true);
        var path = new DataField("path", typeof(string), isNullable: true);
        var image = new StructField("image", bytes, path);
        var text = new DataField("text", typeof(string), isNullable: true);
        var label = new DataField("label", typeof(string));
        // Definition levels of image.bytes: 2 a value, 1 a struct without bytes, 0 no struct.
        await TestDataset.WriteFileAsync(
            folder.File("hf.parquet"),
            (
                image,
                async group =>
                {
                    await group.WriteAllPartsAsync<ReadOnlyMemory<byte>>(
                        bytes,
                        new ReadOnlyMemory<byte>[] { new byte[] { 1 }, new byte[] { 2, 3 } },
                        new[] { 2, 1, 0, 2 },
                        null,
                        default
                    );
                    await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
                        path,
                        new[] { "p".AsMemory() },
                        new[] { 1, 1, 0, 2 },
                        null,
                        default
                    );
                }
            ),
            (text, group => group.WriteAsync(text, ["a", "b", null, "d"])),
            (label, group => group.WriteAsync(label, ["cat", "dog", "cat", "cat"])));

        var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]).Shards);
        Assert.Equal(("image", "text", "label"), (entry.ImageColumn, entry.CaptionColumn, entry.LabelColumn));
        var data = BlockReading.ReadOnce(entry, 0, BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label);
        Assert.Equal(new byte[]?[] { [1], null, null, [2, 3] }, data.Images);
        Assert.Equal(["a", "b", null, "d"], data.Captions);
        Assert.Equal(["cat", "dog", "cat", "cat"], data.Labels!);
    }

    // Written by tests/fixtures/parquet/make.cs: Snappy, dictionary pages followed by plain ones, nulls at both levels.
    [Fact]
    public async Task ReadBlock_FileOfApacheArrow_GivesItsRows()
    {
        string path = Fixtures.File("parquet", "arrow-dictionary.parquet");
        var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = path }]).Shards);
        Assert.Equal([15L, 15L, 10L], entry.Blocks.Select(block => block.Rows));
        int row = 0;
        for (int group = 0; group < entry.Blocks.Count; group++)
        {
            var data = BlockReading.ReadOnce(entry, group, BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label);
            for (int i = 0; i < data.Rows; i++, row++)
            {
                Assert.Equal(
                    row % 7 is 3 or 5 ? null : $"image {row % 11}",
                    data.Images[i] is { } image ? Encoding.UTF8.GetString(image) : null
                );
                Assert.Equal(row % 6 == 2 ? null : $"caption {row} – ü", data.Captions[i]);
                Assert.Equal($"{row % 3}", data.Labels![i]);
            }
        }
    }

    [Fact]
    public async Task ReadBlock_CaptionsAsBytes_AreReadAsUtf8()
    {
        var image = new DataField("image", typeof(byte[]));
        var caption = new DataField("caption", typeof(byte[]));
        await TestDataset.WriteFileAsync(
            folder.File("bytes.parquet"),
            (image, group => group.WriteAsync(image, [[1], [2]])),
            (caption, group => group.WriteAsync(caption, ["ä"u8.ToArray(), [0x61, 0xFF]])));
        var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]).Shards);
        Assert.Equal(["ä", "a\uFFFD"], BlockReading.ReadOnce(entry, 0).Captions);
    }

    [Fact]
    public async Task ReadBlock_PageOverwritten_NamesFileAndBlock()
    {
        var entry = (await TestDataset.WriteAsync(folder, [20], rowsPerGroup: 5)).Shards[0];
        using (var file = File.OpenWrite(entry.Path))
        {
            file.Position = 4;
            file.Write([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        }
        var error = Assert.Throws<DamagedShardException>(() => BlockReading.ReadOnce(entry, 0));
        Assert.Equal((entry.Path, 0), (error.Path, error.Block));
        Assert.Equal(TestDataset.CaptionOf(new SampleId(0, 5)), BlockReading.ReadOnce(entry, 1).Captions[0]);
    }

    [Theory]
    [InlineData(3)] // LZO
    [InlineData(60)] // none that exists
    public async Task ReadBlock_UnknownCompression_IsBadInputAndNoDamage(byte codec)
    {
        var entry = (await TestDataset.WriteAsync(folder, [5], rowsPerGroup: 5)).Shards[0];
        byte[] bytes = File.ReadAllBytes(entry.Path);
        // The name that ends the column's path, then field 4 of its metadata: a number, zigzag-coded.
        int at = bytes.AsSpan().LastIndexOf((byte[])[.. "image"u8, 0x15, 0x00]);
        bytes[at + 6] = (byte)(2 * codec);
        File.WriteAllBytes(entry.Path, bytes);
        var error = Assert.Throws<BadInputException>(() => BlockReading.ReadOnce(entry, 0));
        Assert.Contains(entry.Path, error.Message);
        Assert.Contains("'image'", error.Message);
    }

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Brotli)]
    [InlineData(CompressionMethod.Zstd)]
    [InlineData(CompressionMethod.Lz4Raw)]
    public async Task ReadBlock_AnyByteOfAPageOverwritten_IsDamageOrNothing(CompressionMethod compression)
    {
        var (image, caption) = (new DataField("image", typeof(byte[])), new DataField("caption", typeof(string)));
        await TestDataset.WriteFileAsync(
            folder.File("a.parquet"), compression,
            (image, group => group.WriteAsync(image, [[1, 2, 3], [4, 5, 6, 7, 7, 7, 7, 7, 7, 7, 7]])),
            (caption, group => group.WriteAsync(caption, ["one", "another one"])));
        var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]).Shards);
        byte[] sound = File.ReadAllBytes(entry.Path);
        for (int at = 4; at < 90; at++)
        {
            foreach (byte value in new byte[] { 0x00, 0x15, 0x7F, 0xFF })
            {
                byte[] bytes = [.. sound];
                bytes[at] = value;
                File.WriteAllBytes(entry.Path, bytes);
                if (Record.Exception(() => BlockReading.ReadOnce(entry, 0)) is { } error)
                    Assert.IsType<DamagedShardException>(error);
            }
        }
    }

    [Fact]
    public async Task Open_FileCutOffSinceTheManifest_IsNoDamage()
    {
        var entry = (await TestDataset.WriteAsync(folder, [20], rowsPerGroup: 5)).Shards[0];
        using (var file = File.OpenWrite(entry.Path))
            file.SetLength(entry.Length - 1);
        var error = Assert.Throws<ShardChangedException>(() => BlockReading.ReadOnce(entry, 0));
        Assert.Contains(entry.Path, error.Message);
    }
}
