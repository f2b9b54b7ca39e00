using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.ParquetFiles;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Verification;
using ClipDistributed.TestKit.Images;
using ClipDistributed.TestKit.ParquetFiles;

namespace ClipDistributed.Data.Tests.ParquetFiles;

/// <summary>Small files that say one thing many times.</summary>
public sealed class SharedChunksTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30); // on a busy machine; without the guards it takes minutes to hours
    private static readonly byte[] Picture = PngBytes.Write(1, 1, 8, 2, [1, 2, 3]);

    private readonly TemporaryFolder folder = new();
    private readonly HandmadeParquet parquet = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Build_HundredThousandGroupsThatShareAPage_IsRefusedAtOnce()
    {
        var chunk = parquet.Chunk(
            "image",
            1,
            HandmadeParquet.SameValue(new byte[100 << 20], 1, HandmadeParquet.Gzip),
            HandmadeParquet.Gzip,
            grown: 101 << 20
        );
        Write([HandmadeParquet.Column("image")], Enumerable.Repeat(HandmadeParquet.Group(1, chunk), 100_000));
        Timed(() => Assert.Contains("share bytes", Refusal(), StringComparison.Ordinal));
    }

    [Fact]
    public void Build_ChunksThatOverlapByAByte_AreRefusedByTheirRowGroups()
    {
        byte[] pages = HandmadeParquet.Values([Picture]);
        long start = parquet.Write(pages);
        var first = HandmadeParquet.Chunk("image", 0, 1, new PageSpan(pages.Length, pages.Length, start));
        var second = HandmadeParquet.Chunk("image", 0, 1, new PageSpan(pages.Length, pages.Length, start + pages.Length - 1));
        parquet.Write(pages);
        Write([HandmadeParquet.Column("image")], [HandmadeParquet.Group(1, first), HandmadeParquet.Group(1, second)]);
        Assert.Contains("row groups 0 and 1 share bytes", Refusal(), StringComparison.Ordinal);
    }

    // Each is allowed more alone than a thousandth of what all are.
    [Fact]
    public void ReadBlock_ManyGroupsThatEachGrow_ShareWhatIsAllowed()
    {
        byte[] pages = HandmadeParquet.Values([new byte[8 << 20]], HandmadeParquet.Brotli);
        var groups = Enumerable
            .Range(0, 1_000)
            .Select(_ => HandmadeParquet.Group(1, parquet.Chunk("image", 1, pages, HandmadeParquet.Brotli)))
            .ToList();
        Write([HandmadeParquet.Column("image")], groups);
        Assert.Contains(
            "more than such pages grow to",
            Assert.Throws<DamagedShardException>(() => BlockReading.ReadOnce(Entry(), 0, BlockColumns.Image)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Build_OneGroupOfTwoHundredMillionRowsInAFileWithAHole_IsRefused()
    {
        var chunk = parquet.Chunk("image", 200_000_000, HandmadeParquet.Nulls(200_000_000));
        string path = folder.File("a.parquet");
        byte[] bytes = parquet.Finish([HandmadeParquet.Column("image", optional: true)], [HandmadeParquet.Group(200_000_000, chunk)]);
        int footer = BitConverter.ToInt32(bytes, bytes.Length - 8) + 8;
        using (var file = File.Create(path))
        {
            file.Write(bytes.AsSpan(0, bytes.Length - footer));
            file.Position = 300_000_000; // takes no place on the disk
            file.Write(bytes.AsSpan(bytes.Length - footer));
        }
        Assert.Contains("row group of 200,000,000 rows", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_AMillionRowsOfOneLargeImage_DecodesItOnce()
    {
        byte[] large = PngBytes.Write(2_000, 2_000, 8, 2, new byte[2_000 * 2_000 * 3]);
        Write(
            [HandmadeParquet.Column("image")],
            [HandmadeParquet.Group(1_000_000, parquet.Chunk("image", 1_000_000, HandmadeParquet.SameValue(large, 1_000_000)))]
        );
        Timed(() => Assert.Empty(Verify().SelectMany(part => part.Damaged)));
    }

    [Fact]
    public void Verify_AMillionDamagedRows_CountsAllAndNamesTheFirst()
    {
        Write(
            [HandmadeParquet.Column("image")],
            [HandmadeParquet.Group(1_000_000, parquet.Chunk("image", 1_000_000, HandmadeParquet.SameValue([1, 2, 3], 1_000_000)))]
        );
        var part = Assert.Single(Verify());
        Assert.Equal(1_000_000, part.DamagedCount);
        Assert.InRange(part.Damaged.Count, 100, 20_000);
        Assert.Contains("more damaged rows", part.Damaged[^1].Reason, StringComparison.Ordinal);
    }

    // Each of its row groups is read from a freshly opened file.
    [Fact]
    public void Open_FileAgain_HasTheFooterThatWasRead()
    {
        Write([HandmadeParquet.Column("image")], [HandmadeParquet.Group(1, parquet.Chunk("image", 1, HandmadeParquet.Values([Picture])))]);
        using var source = FileSource.Open(folder.File("a.parquet"));
        var first = ParquetFile.Open(source);
        var second = ParquetFile.Open(source);
        Assert.Same(first.Footer, second.Footer);
    }

    // Only the first groups are read; that the others are as small their footers say.
    [Fact]
    public void Build_ManyGroupsOfPathsOnly_NamesTheFirstPath()
    {
        var groups = Enumerable
            .Range(0, 50)
            .Select(i =>
            {
                byte[] nulls = i < 10 ? HandmadeParquet.Nulls(1) : [1, 2, 3];
                return HandmadeParquet.Group(
                    1,
                    parquet.Chunk("bytes", 1, nulls),
                    parquet.Chunk("path", 1, HandmadeParquet.Values([HandmadeParquet.Text($"{i}.jpg")]))
                );
            })
            .ToList();
        ThriftNode[] columns =
        [
            HandmadeParquet.Column("image", children: 2),
            HandmadeParquet.Column("bytes", optional: true),
            HandmadeParquet.Column("path", text: true),
        ];
        File.WriteAllBytes(folder.File("a.parquet"), parquet.Finish(columns, groups, roots: 1));
        Assert.Contains("only paths (first: 0.jpg)", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileWrittenAnewWithTheSameLength_IsReadAnew()
    {
        foreach (string name in new[] { "first", "other" })
        {
            var again = new HandmadeParquet();
            var chunk = again.Chunk("image", 1, HandmadeParquet.Values([Picture]));
            File.WriteAllBytes(
                folder.File("a.parquet"),
                again.Finish(
                    [HandmadeParquet.Column("image"), HandmadeParquet.Column(name)],
                    [
                        HandmadeParquet.Group(
                            1,
                            chunk,
                            again.Chunk(
                                name,
                                1,
                                HandmadeParquet.Values([
                                    [1],
                                ])
                            )
                        ),
                    ]
                )
            );
            Assert.Equal(name, ShardSchema.Columns(Entry())[1].Name);
        }
    }

    [Fact]
    public void Build_TwentyThousandColumnsWithoutAnImage_NamesTheFirst()
    {
        ThriftNode[] columns =
        [
            .. Enumerable.Range(0, 20_000).Select(i => HandmadeParquet.Column(i == 1 ? new string('y', 200_000) : $"column{i}")),
        ];
        var chunk = parquet.Chunk("column0", 1, HandmadeParquet.Values([Picture]));
        var none = HandmadeParquet.Chunk("other", 0, 1, new PageSpan(0, 0, 4));
        Write(columns, [HandmadeParquet.Group(1, [chunk, .. Enumerable.Repeat(none, columns.Length - 1)])]);
        string refusal = Refusal();
        Assert.Contains("and 19,990 more", refusal, StringComparison.Ordinal);
        Assert.Contains("image_column", refusal, StringComparison.Ordinal);
        Assert.InRange(refusal.Length, 100, 1_500);
    }

    private static void Timed(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        Assert.True(clock.Elapsed < Bound, $"it took {clock.Elapsed}");
    }

    private IReadOnlyList<VerifiedRows> Verify() =>
        [
            .. new DatasetVerification(new SourceSpec(), 100_000_000).Run(
                [new ImageSource("a", [folder.File("a.parquet")], [], [])],
                workers: 2
            ),
        ];

    private ShardEntry Entry() =>
        Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.File("a.parquet") }], needs: ColumnNeeds.Images).Shards);

    private string Refusal() =>
        Assert.Single(
            Assert
                .Throws<BadInputException>(() =>
                    ManifestBuilder.Build([new SourceSpec { Path = folder.File("a.parquet") }], needs: ColumnNeeds.Images)
                )
                .Errors
        );

    private void Write(ThriftNode[] columns, IEnumerable<ThriftNode> groups) =>
        File.WriteAllBytes(folder.File("a.parquet"), parquet.Finish(columns, groups));
}
