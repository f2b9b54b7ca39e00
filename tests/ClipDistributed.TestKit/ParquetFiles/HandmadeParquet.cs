using System.IO.Compression;
using System.Text;

namespace ClipDistributed.TestKit.ParquetFiles;

/// <summary>Parquet files put together page by page, sound ones and others.</summary>
public sealed class HandmadeParquet
{
    public const int Uncompressed = 0, Gzip = 2, Brotli = 4;
    public const int Bytes = 6; // the physical type of images and texts
    private const int Plain = 0, Dictionary = 8, Rle = 3;

    private readonly MemoryStream file = new();

    public HandmadeParquet() => file.Write("PAR1"u8);

    /// <summary>Puts bytes behind the others and says where they begin.</summary>
    public long Write(byte[] bytes)
    {
        long start = file.Position;
        file.Write(bytes);
        return start;
    }

    /// <summary>A chunk of which every row has the same value: a dictionary of one, and a run.</summary>
    public static byte[] SameValue(byte[] value, int rows, int codec = Uncompressed) =>
        [.. Page(2, 1, Plain, Stored(value), codec), .. Page(0, rows, Dictionary, [1, .. Number((ulong)rows << 1), 0], codec)];

    /// <summary>A chunk of an optional column without any value.</summary>
    public static byte[] Nulls(int rows)
    {
        byte[] run = [.. Number((ulong)rows << 1), 0];
        return Page(0, rows, Plain, [.. BitConverter.GetBytes(run.Length), .. run], Uncompressed);
    }

    /// <summary>A chunk of a required column with values of their own.</summary>
    public static byte[] Values(IReadOnlyCollection<byte[]> values, int codec = Uncompressed) =>
        Page(0, values.Count, Plain, [.. values.SelectMany(Stored)], codec);

    /// <param name="kind">0 data, 2 dictionary.</param>
    public static byte[] Page(int kind, int values, int encoding, byte[] content, int codec, int? claimed = null)
    {
        byte[] packed = Packed(content, codec);
        var inner = kind == 2
            ? new ThriftNode.Record((1, values), (2, encoding))
            : new ThriftNode.Record((1, values), (2, encoding), (3, Rle), (4, Rle));
        var header = new ThriftNode.Record((1, kind), (2, claimed ?? content.Length), (3, packed.Length), (kind == 2 ? 7 : 5, inner));
        return [.. header.ToBytes(), .. packed];
    }

    public static ThriftNode.Record Chunk(string name, int codec, long rows, PageSpan pages, int type = Bytes) => new(
        (2, pages.Start),
        (3, new ThriftNode.Record(
            (1, type), (2, new ThriftNode.Sequence(Plain, Rle, Dictionary)), (3, new ThriftNode.Sequence(name)), (4, codec), (5, rows),
            (6, pages.Grown), (7, pages.Length), (9, pages.Start))));

    /// <summary>Writes the chunk and describes it.</summary>
    public ThriftNode.Record Chunk(string name, int rows, byte[] pages, int codec = Uncompressed, long? grown = null) =>
        Chunk(name, codec, rows, new PageSpan(grown ?? pages.Length, pages.Length, Write(pages)));

    public static ThriftNode.Record Group(long rows, params ThriftNode[] chunks) =>
        new((1, new ThriftNode.Sequence(chunks)), (2, 1000L), (3, rows));

    public static ThriftNode.Record Column(string name, bool optional = false, bool text = false, int? children = null, int type = Bytes) =>
        new(
            (1, children is null ? (ThriftNode)type : null),
            (3, optional ? 1 : 0),
            (4, name),
            (5, children is { } count ? count : null),
            (6, text ? 0 : null)
        );

    /// <summary>The whole file.</summary>
    /// <param name="columns">In their order, below a root of so many.</param>
    public byte[] Finish(IReadOnlyCollection<ThriftNode> columns, IEnumerable<ThriftNode> groups, int? roots = null)
    {
        var schema = new ThriftNode.Sequence([Column("schema", children: roots ?? columns.Count), .. columns]);
        var footer = new ThriftNode.Record((1, 1), (2, schema), (3, 0L), (4, new ThriftNode.Sequence(groups)));
        byte[] bytes = footer.ToBytes();
        return [.. file.ToArray(), .. bytes, .. BitConverter.GetBytes(bytes.Length), .. "PAR1"u8];
    }

    public static byte[] Packed(byte[] content, int codec)
    {
        if (codec == Uncompressed)
            return content;
        using var target = new MemoryStream();
        using (Stream packer = codec == Gzip
            ? new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true)
            : new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            packer.Write(content);
        }
        return target.ToArray();
    }

    public static byte[] Text(string value) => Encoding.UTF8.GetBytes(value);

    private static byte[] Stored(byte[] value) => [.. BitConverter.GetBytes(value.Length), .. value];

    private static List<byte> Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
