using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;

namespace ClipDistributed.Data.Tests.Tars;

/// <summary>Tars that .NET writes, and headers that none would.</summary>
internal static class TarBytes
{
    /// <summary>A whole archive.</summary>
    public static byte[] Of(TarEntryFormat format, params (string Name, byte[] Bytes)[] members)
    {
        var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, format, leaveOpen: true))
        {
            foreach (var (name, content) in members)
                writer.WriteEntry(Entry(format, name, new MemoryStream(content)));
        }
        return bytes.ToArray();
    }

    public static byte[] Of(params (string Name, byte[] Bytes)[] members) => Of(TarEntryFormat.Ustar, members);

    /// <summary>Members "NAME=TEXT".</summary>
    public static byte[] OfTexts(params string[] members) => Of([.. members.Select(member =>
    {
        int equals = member.IndexOf('=', StringComparison.Ordinal);
        return (member[..equals], Encoding.UTF8.GetBytes(member[(equals + 1)..]));
    })]);

    /// <summary>A header with its checksum.</summary>
    /// <param name="size">Of octal digits, or GNU's binary form.</param>
    public static byte[] Header(string name, byte[] size, char type = '0')
    {
        byte[] header = new byte[512];
        Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
        size.CopyTo(header, 124);
        header[156] = (byte)type;
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        Sign(header);
        return header;
    }

    public static byte[] Header(string name, long size, char type = '0') =>
        Header(name, Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')), type);

    /// <summary>A number as GNU tar writes those that eleven digits cannot hold.</summary>
    public static byte[] Binary(long size)
    {
        byte[] field = new byte[12];
        field[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(field.AsSpan(4), size);
        return field;
    }

    /// <summary>Up to a multiple of 512.</summary>
    public static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[(512 - bytes.Length % 512) % 512]];

    private static void Sign(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(one => one), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }

    private static TarEntry Entry(TarEntryFormat format, string name, Stream content) => format switch
    {
        TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name) { DataStream = content },
        TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = content },
        TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = content },
        _ => new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content },
    };
}
