using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Tests.Images;
using ClipDistributed.Data.Verification;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Verification;

/// <summary>What is found in data from the web: each is used, or has one clear reason; none ends the process.</summary>
public sealed class HardDataTests : IDisposable
{
    private const long MaxPixels = 100_000_000;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Run_HardRows_NamesEachDamagedOneWithItsReason()
    {
        byte[] jpeg = PreprocessFixture.Bytes("rgb_420.jpg");
        (byte[]? Image, string? Caption, string? Reason)[] rows =
        [
            (jpeg, "a sound row", null),
            (null, "no image", "the image has no bytes"),
            ([], "zero bytes", "the image has no bytes"),
            (jpeg[..(jpeg.Length / 2)], "cut short", "the image is a JPEG cut short"),
            (
                "<html><body>404 Not Found</body></html>"u8.ToArray(),
                "a page",
                "the image is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000)"
            ),
            (
                PngBytes.Write(20_000, 20_000, 8, 2, [.. new byte[64]]),
                "a bomb",
                "the image has 20000x20000 pixels, the limit is 100000000 in all"
            ),
            (WebpBytes.Animated((1, 2, 3), (4, 5, 6)), "animated", null),
            (PngBytes.Write(2, 1, 16, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), "16 bits", null),
            (PngBytes.Write(2, 1, 16, 0, [1, 2, 3, 4]), "16 bits of grey", null),
            (PreprocessFixture.Bytes("gray.png"), "grey", null),
            (PngBytes.Write(2, 1, 8, 4, [1, 2, 3, 4]), "grey and alpha", null),
            (PngBytes.Write(2, 1, 8, 3, [1, 0], ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [255, 0])), "a palette with transparency", null),
            (PreprocessFixture.Bytes("cmyk.jpg"), "inks", null),
            (jpeg, string.Concat(Enumerable.Repeat("long ", 20_000)), null),
            (jpeg, null, "the caption is null"),
        ];
        await using (var writer = new ParquetShardWriter(folder.Path, "hard", 100, 6))
        {
            foreach (var (image, caption, _) in rows)
                await writer.AddAsync(image, caption);
        }
        var verified = Verify(workers: 2);
        Assert.Equal(rows.Length, verified.Sum(part => part.Rows));
        Assert.Equal(
            rows.Index().Where(row => row.Item.Reason is not null).Select(row => ((long?)row.Index, row.Item.Reason)),
            verified.SelectMany(part => part.Damaged).Select(place => (place.Row, (string?)place.Reason)));
    }

    [Fact]
    public async Task Run_DamagedFooter_NamesTheShardAndGoesOn()
    {
        await WriteAsync("a", "b", "c", "d");
        byte[] whole = File.ReadAllBytes(folder.File("b-00000.parquet"));
        File.WriteAllBytes(folder.File("b-00000.parquet"), whole[..(whole.Length / 2)]);
        byte[] broken = [.. whole];
        broken.AsSpan(broken.Length - 8 - BitConverter.ToInt32(broken, broken.Length - 8), 20).Fill(0xFF);
        File.WriteAllBytes(folder.File("c-00000.parquet"), broken);
        File.WriteAllText(folder.File("e.parquet"), "");

        var verified = Verify(workers: 3);
        Assert.Equal(["a", "b", "c", "d", "e"], verified.Select(part => Path.GetFileName(part.Shard)[..1]));
        Assert.Equal([8, 0, 0, 8, 0], verified.Select(part => part.Rows));
        var damaged = verified.SelectMany(part => part.Damaged).ToList();
        Assert.Equal(2, damaged.Count);
        Assert.Equal([false, false, false, false, true], verified.Select(part => part.IsEmpty));
        Assert.All(damaged, place => Assert.Null(place.Row));
        Assert.Contains("its end is missing", damaged[0].Reason, StringComparison.Ordinal);
        Assert.Contains("is not a usable Parquet file", damaged[1].Reason, StringComparison.Ordinal);
        Assert.All(damaged, place => Assert.DoesNotContain('\n', place.Reason));
    }

    private List<VerifiedRows> Verify(int workers) =>
        [
            .. new DatasetVerification(new SourceSpec(), MaxPixels).Run(
                [ImageSource.Find(folder.Path, "PATH")],
                workers,
                TestContext.Current.CancellationToken
            ),
        ];

    private async Task WriteAsync(params string[] prefixes)
    {
        foreach (string prefix in prefixes)
        {
            await using var writer = new ParquetShardWriter(folder.Path, prefix, 100, 100);
            for (int i = 0; i < 8; i++)
                await writer.AddAsync(PreprocessFixture.Bytes("tiny_upsampled.png"), $"row {i}");
        }
    }
}
