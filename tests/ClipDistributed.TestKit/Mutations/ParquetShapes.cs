using ClipDistributed.TestKit.ParquetFiles;

namespace ClipDistributed.TestKit.Mutations;

/// <summary>Parquet files that are hostile by what they are made of rather than by a wrong byte: many, deep, shared, large, or
/// lying.</summary>
public static class ParquetShapes
{
    private static readonly byte[] Picture =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private static readonly Func<Random, HandmadeParquet, byte[]>[] Shapes =
        [Shared, Overlapping, ManyGroups, ManyColumns, Deep, ManyRows, LyingPages, Growing, EmptyPages, PathsOnly];

    public static byte[] Make(int seed)
    {
        var random = new Random(seed);
        return Shapes[random.Next(Shapes.Length)](random, new HandmadeParquet());
    }

    private static int Count(Random random, int bits) => 1 + random.Next(1 << random.Next(1, bits));

    private static byte[] Shared(Random random, HandmadeParquet file)
    {
        int codec = random.Next(2) == 0 ? HandmadeParquet.Gzip : HandmadeParquet.Brotli;
        byte[] pages = HandmadeParquet.SameValue(random.Next(2) == 0 ? Picture : new byte[Count(random, 26)], 1, codec);
        var group = HandmadeParquet.Group(
            1,
            file.Chunk("image", 1, pages, codec),
            file.Chunk("caption", 1, HandmadeParquet.Values([Text(random)]))
        );
        return Finish(file, Enumerable.Repeat(group, Count(random, 16)));
    }

    private static byte[] Overlapping(Random random, HandmadeParquet file)
    {
        byte[] pages = HandmadeParquet.Values([Picture]), words = HandmadeParquet.Values([Text(random)]);
        var groups = Enumerable.Range(0, Count(random, 10)).Select(i =>
        {
            long start = file.Write(pages), text = file.Write(words);
            return HandmadeParquet.Group(
                1,
                HandmadeParquet.Chunk("image", 0, 1, new PageSpan(pages.Length, pages.Length + random.Next(3), start - random.Next(2))),
                HandmadeParquet.Chunk("caption", 0, 1, new PageSpan(words.Length, words.Length, text)));
        });
        return Finish(file, [.. groups]);
    }

    private static byte[] ManyGroups(Random random, HandmadeParquet file)
    {
        byte[] pages = HandmadeParquet.Values([Picture]), words = HandmadeParquet.Values([Text(random)]);
        int rows = random.Next(3) == 0 ? 0 : 1;
        return Finish(
            file,
            [
                .. Enumerable
                    .Range(0, Count(random, 14))
                    .Select(_ => HandmadeParquet.Group(rows, file.Chunk("image", rows, pages), file.Chunk("caption", rows, words))),
            ]
        );
    }

    private static byte[] ManyColumns(Random random, HandmadeParquet file)
    {
        int columns = Count(random, 15);
        string name = new('n', Count(random, 10));
        var none = HandmadeParquet.Chunk("none", 0, 1, new PageSpan(0, 0, 4));
        var group = HandmadeParquet.Group(
            1,
            [file.Chunk("image", 1, HandmadeParquet.Values([Picture])), .. Enumerable.Repeat(none, columns)]
        );
        return file.Finish(
            [
                HandmadeParquet.Column(random.Next(2) == 0 ? "image" : "x"),
                .. Enumerable.Range(0, columns).Select(i => HandmadeParquet.Column($"{name}{i}")),
            ],
            Enumerable.Repeat(group, Count(random, 4))
        );
    }

    private static byte[] Deep(Random random, HandmadeParquet file)
    {
        int depth = Count(random, 16);
        ThriftNode[] columns =
        [
            .. Enumerable.Range(0, depth).Select(i => HandmadeParquet.Column($"g{i}", children: 1)),
            HandmadeParquet.Column("image"),
        ];
        return file.Finish(columns, [HandmadeParquet.Group(1, file.Chunk("image", 1, HandmadeParquet.Values([Picture])))], roots: 1);
    }

    private static byte[] ManyRows(Random random, HandmadeParquet file)
    {
        int rows = Count(random, 31);
        byte[] pages = random.Next(3) switch
        {
            0 => HandmadeParquet.Nulls(rows),
            1 => HandmadeParquet.SameValue(Picture, rows),
            _ => HandmadeParquet.SameValue(new byte[Count(random, 20)], rows),
        };
        bool optional = random.Next(2) == 0;
        byte[] words = HandmadeParquet.SameValue([.. Enumerable.Repeat((byte)'w', Count(random, 18))], rows);
        return Finish(file, [HandmadeParquet.Group(rows, file.Chunk("image", rows, pages), file.Chunk("caption", rows, words))], optional);
    }

    private static byte[] LyingPages(Random random, HandmadeParquet file)
    {
        int claimed = random.Next(3) == 0 ? -1 : 1 << random.Next(31);
        byte[] page = HandmadeParquet.Page(
            random.Next(4),
            random.Next(3) == 0 ? Count(random, 31) : 1,
            random.Next(10),
            [.. BitConverter.GetBytes(Picture.Length), .. Picture],
            random.Next(3) switch
            {
                0 => 0,
                1 => 2,
                _ => 4,
            },
            claimed
        );
        return Finish(
            file,
            [
                HandmadeParquet.Group(
                    1,
                    file.Chunk("image", 1, page, random.Next(7)),
                    file.Chunk("caption", 1, HandmadeParquet.Values([Text(random)]))
                ),
            ]
        );
    }

    private static byte[] Growing(Random random, HandmadeParquet file)
    {
        int codec = random.Next(2) == 0 ? HandmadeParquet.Gzip : HandmadeParquet.Brotli;
        byte[] pages = HandmadeParquet.Values([new byte[Count(random, 28)]], codec),
            words = HandmadeParquet.Values([Text(random)]);
        return Finish(
            file,
            [
                .. Enumerable
                    .Range(0, Count(random, 8))
                    .Select(_ => HandmadeParquet.Group(1, file.Chunk("image", 1, pages, codec), file.Chunk("caption", 1, words))),
            ]
        );
    }

    private static byte[] EmptyPages(Random random, HandmadeParquet file)
    {
        byte[] none = HandmadeParquet.Page(random.Next(2), 0, 0, [], 0);
        byte[] pages = [.. Enumerable.Repeat(none, Count(random, 16)).SelectMany(page => page), .. HandmadeParquet.Values([Picture])];
        return Finish(
            file,
            [HandmadeParquet.Group(1, file.Chunk("image", 1, pages), file.Chunk("caption", 1, HandmadeParquet.Values([Text(random)])))]
        );
    }

    private static byte[] PathsOnly(Random random, HandmadeParquet file)
    {
        int rows = Count(random, 18);
        byte[] paths = HandmadeParquet.SameValue([.. Enumerable.Repeat((byte)'p', Count(random, 16))], rows);
        var groups = Enumerable
            .Range(0, Count(random, 8))
            .Select(_ =>
                HandmadeParquet.Group(rows, file.Chunk("bytes", rows, HandmadeParquet.Nulls(rows)), file.Chunk("path", rows, paths))
            );
        return file.Finish(
            [
                HandmadeParquet.Column("image", children: 2),
                HandmadeParquet.Column("bytes", optional: true),
                HandmadeParquet.Column("path", text: true),
            ],
            [.. groups],
            roots: 1
        );
    }

    private static byte[] Text(Random random) => [.. Enumerable.Repeat((byte)random.Next(1, 256), Count(random, 12))];

    private static byte[] Finish(HandmadeParquet file, IEnumerable<ThriftNode> groups, bool optional = false) =>
        file.Finish([HandmadeParquet.Column("image", optional), HandmadeParquet.Column("caption", text: true)], groups);
}
