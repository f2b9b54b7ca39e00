using System.Buffers.Binary;
using System.Text;

namespace ClipDistributed.TestKit.ParquetFiles;

/// <summary>
/// Parquet files of a few pictures with captions and labels that lie: about sizes, counts, places, depth, encodings and
/// compression, in the footer, in page headers and inside pages. The seed alone decides the bytes.
/// </summary>
public sealed class LyingParquet
{
    private const int Uncompressed = HandmadeParquet.Uncompressed, Gzip = HandmadeParquet.Gzip, Brotli = HandmadeParquet.Brotli;
    private const int Plain = 0, Dictionary = 8;

    private static readonly byte[] Picture =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    /// <summary>A little that becomes 64 MiB.</summary>
    private static readonly Lazy<byte[]> GzipBomb = new(() => HandmadeParquet.Packed(new byte[64 << 20], Gzip)),
        BrotliBomb = new(() => HandmadeParquet.Packed(new byte[64 << 20], Brotli));

    private readonly Random random;
    private readonly MemoryStream file = new();
    private readonly bool lies;
    private readonly ParquetLies lie;

    private LyingParquet(int seed, bool lies)
    {
        (random, this.lies) = (new Random(seed), lies);
        lie = new ParquetLies(random);
    }

    /// <summary>With one to three lies.</summary>
    public static byte[] Make(int seed) => new LyingParquet(seed, lies: true).Write();

    /// <summary>The same kind of file without any.</summary>
    public static byte[] MakeSound(int seed) => new LyingParquet(seed, lies: false).Write();

    private byte[] Write()
    {
        file.Write("PAR1"u8);
        int place = random.Next(4); // where the lie is: in the footer, a page header, a page, or in bytes of the finished file
        var footer = Footer(place);
        if (lies && place == 0)
        {
            var nodes = footer.All.ToList();
            for (int i = random.Next(1, 4); i > 0; i--)
                lie.In(nodes[random.Next(nodes.Count)]);
        }
        byte[] bytes = footer.ToBytes();
        file.Write(bytes);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        file.Write(length);
        file.Write("PAR1"u8);
        byte[] written = file.ToArray();
        return lies && place == 3 ? lie.InBytes(written) : written;
    }

    private ThriftNode.Record Footer(int place)
    {
        int[] groups = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(1, 6))];
        bool optional = random.Next(2) == 0;
        var rowGroups = new ThriftNode.Sequence(groups.Select(rows => RowGroup(rows, optional, place)));
        return new ThriftNode.Record(
            (1, 1),
            (
                2,
                new ThriftNode.Sequence(
                    Column("schema", null, null, children: 3),
                    Column("image", 6, optional),
                    Column("caption", 6, optional, converted: 0),
                    Column("label", 1, optional)
                )
            ),
            (3, (long)groups.Sum()),
            (4, rowGroups),
            (6, "LyingParquet"));
    }

    internal static ThriftNode.Record Column(string name, int? type, bool? optional, int? converted = null, int? children = null) => new(
        (1, type is { } physical ? physical : null), (3, optional is { } nullable ? nullable ? 1 : 0 : null), (4, name),
        (5, children is { } count ? count : null), (6, converted is { } kind ? kind : null));

    private ThriftNode.Record RowGroup(int rows, bool optional, int place)
    {
        var columns = new ThriftNode.Sequence(
            Chunk("image", 6, Enumerable.Repeat(Picture, rows), optional, place),
            Chunk("caption", 6, Enumerable.Range(0, rows).Select(row => Encoding.UTF8.GetBytes($"picture {row}")), optional, place),
            Chunk("label", 1, Enumerable.Range(0, rows).Select(BitConverter.GetBytes), optional, place));
        return new ThriftNode.Record((1, columns), (2, 1000L), (3, (long)rows));
    }

    private ThriftNode.Record Chunk(string name, int type, IEnumerable<byte[]> values, bool optional, int place)
    {
        byte[][] stored = [.. values.Select(value => type == 6 ? [.. BitConverter.GetBytes(value.Length), .. value] : value)];
        int codec = new[] { Uncompressed, Gzip, Brotli }[random.Next(3)];
        bool second = random.Next(2) == 0, dictionary = random.Next(2) == 0;
        long start = file.Position;
        long grown = 0;
        byte[] data = [.. stored.SelectMany(value => value)];
        if (dictionary)
        {
            grown += WritePage(
                codec,
                place,
                data,
                header => [(1, 2), .. header, (7, new ThriftNode.Record((1, stored.Length), (2, Plain)))]
            );
            data = [3, .. Run(stored.Length, bitPacked: true, 3)];
        }
        byte[] levels = optional ? Run(stored.Length, bitPacked: random.Next(2) == 0, 1) : [];
        int encoding = dictionary ? Dictionary : Plain;
        grown += second
            ? WritePage(
                codec,
                place,
                data,
                header =>
                    [
                        (1, 3),
                        .. header,
                        (
                            8,
                            new ThriftNode.Record(
                                (1, stored.Length),
                                (2, 0),
                                (3, stored.Length),
                                (4, encoding),
                                (5, levels.Length),
                                (6, 0),
                                (7, codec != Uncompressed)
                            )
                        ),
                    ],
                levels
            )
            : WritePage(
                codec,
                place,
                optional ? [.. BitConverter.GetBytes(levels.Length), .. levels, .. data] : data,
                header => [(1, 0), .. header, (5, new ThriftNode.Record((1, stored.Length), (2, encoding), (3, 3), (4, 3)))]
            );
        var metadata = new ThriftNode.Record(
            (1, type), (2, new ThriftNode.Sequence(encoding, 3)), (3, new ThriftNode.Sequence(name)), (4, codec), (5, (long)stored.Length),
            (6, grown), (7, file.Position - start), (9, start));
        return new ThriftNode.Record((2, start), (3, metadata));
    }

    /// <summary>Ones, or with more than one bit the numbers 0, 1, 2, …</summary>
    private static byte[] Run(int count, bool bitPacked, int bits)
    {
        if (!bitPacked)
            return [(byte)(count << 1), 1];
        int groups = (count + 7) / 8;
        byte[] packed = new byte[1 + groups * bits];
        packed[0] = (byte)(groups << 1 | 1);
        for (int i = 0; i < count; i++)
        {
            int value = bits == 1 ? 1 : i;
            for (int bit = 0; bit < bits; bit++)
                packed[1 + (i * bits + bit) / 8] |= (byte)((value >> bit & 1) << (i * bits + bit) % 8);
        }
        return packed;
    }

    /// <returns>What the page takes with its header when it is not compressed.</returns>
    private long WritePage(
        int codec,
        int place,
        byte[] data,
        Func<IEnumerable<(int, ThriftNode?)>, IEnumerable<(int, ThriftNode?)>> header,
        byte[]? levels = null
    )
    {
        levels ??= [];
        byte[] content = lies && place == 2 && random.Next(3) == 0 ? lie.InBytes(data) : data;
        byte[] packed = codec == Uncompressed ? content : HandmadeParquet.Packed(content, codec);
        if (lies && place == 2 && random.Next(3) == 0)
            packed = random.Next(8) == 0 ? (codec == Brotli ? BrotliBomb : GzipBomb).Value : lie.InBytes(packed);
        var record = new ThriftNode.Record(header([(2, levels.Length + data.Length), (3, levels.Length + packed.Length)]));
        if (lies && place == 1 && random.Next(3) == 0)
            lie.In(record.All.ElementAt(random.Next(record.All.Count())));
        byte[] head = record.ToBytes();
        file.Write(head);
        file.Write(levels);
        file.Write(packed);
        return head.Length + levels.Length + data.Length;
    }
}
