using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tars;

/// <summary>
/// Walks from header to header. Files come out; folders, links and devices are passed over, and nothing is unpacked. No size is
/// believed that the file is too short for.
/// </summary>
internal sealed class TarReader
{
    private const int Window = 4096; // the header of a small member is there with the one before
    private const int MaxExtension = 1 << 16;
    private const byte GnuName = (byte)'L', GnuLink = (byte)'K', GnuSparse = (byte)'S', Pax = (byte)'x', GlobalPax = (byte)'g';

    private readonly IByteSource source;
    private readonly SourceWindow window;
    private readonly long end;
    private long position;
    private string? name; // what extensions say of the member after them
    private long? size;

    /// <param name="start">Of a member's header.</param>
    /// <param name="end">A header that begins there, or later, is not read any more.</param>
    public TarReader(IByteSource source, long start, long end)
    {
        (this.source, this.end, position) = (source, end, start);
        window = new SourceWindow(source, Window);
    }

    /// <summary>The next file; null: there are no more.</summary>
    /// <exception cref="BrokenTarException">What follows cannot be read.</exception>
    /// <exception cref="IOException">The source cannot be read.</exception>
    public TarMember? Next()
    {
        long first = position;
        while (position < end)
        {
            if (ReadHeader() is not { } header)
                return null;
            long at = position + TarHeader.Length, next = at + TarMember.Padded(header.HasData ? header.Size : 0);
            if (IsExtension(header.Type))
            {
                Extend(header, at);
                position = next;
                continue;
            }
            var member = new TarMember(name ?? header.Name, first, at, size ?? header.Size);
            if (header.HasData)
                next = member.Size <= source.Length - at ? member.End : throw Cut(member);
            bool isFile = header.IsFile && !member.Name.EndsWith('/');
            (position, name, size) = (next, null, null);
            if (isFile)
                return member;
            first = position;
        }
        if (end < source.Length)
            return null;
        throw new BrokenTarException($"it ends at byte {source.Length:N0} without the mark of an archive's end");
    }

    private static bool IsExtension(byte type) => type is GnuName or GnuLink or Pax or GlobalPax;

    /// <summary>Null: the archive's end.</summary>
    private TarHeader? ReadHeader()
    {
        if (source.Length - position < TarHeader.Length)
            throw new BrokenTarException($"it ends at byte {source.Length:N0}, inside a header");
        Span<byte> bytes = stackalloc byte[TarHeader.Length];
        window.Read(position, bytes);
        if (!bytes.ContainsAnyExcept((byte)0))
            return null;
        TarHeader header;
        try
        {
            header = TarHeader.Read(bytes);
        }
        catch (InvalidDataException damage)
        {
            throw Broken(damage.Message);
        }
        if (header.Type == GnuSparse)
            throw Broken("it has a sparse file, which is not read: write it without --sparse");
        return header;
    }

    private void Extend(TarHeader header, long at)
    {
        if (header.Size > MaxExtension)
            throw Broken($"the extended header of a member has {Counted.Of(header.Size, "byte")}; up to {MaxExtension:N0} are read");
        if (header.Size > source.Length - at)
            throw new BrokenTarException($"it ends at byte {source.Length:N0}, inside a header");
        if (header.Type is GnuLink or GlobalPax)
            return;
        byte[] bytes = new byte[header.Size];
        window.Read(at, bytes);
        if (header.Type == GnuName)
        {
            int nul = Array.IndexOf(bytes, (byte)0);
            name = Encoding.UTF8.GetString(bytes, 0, nul < 0 ? bytes.Length : nul);
            return;
        }
        try
        {
            var records = PaxRecords.Read(bytes);
            (name, size) = (records.Path ?? name, records.Size ?? size);
        }
        catch (InvalidDataException damage)
        {
            throw Broken(damage.Message);
        }
    }

    private BrokenTarException Broken(string what) => new($"{what} (at byte {position:N0})");

    private BrokenTarException Cut(TarMember member) => new(
        $"it ends at byte {source.Length:N0}, inside '{Shown(member.Name)}', which should have "
            + $"{Counted.Of(member.Size, "byte")}",
        member.Name);

    private static string Shown(string name) => string.Concat(FileWords.Of(name).Select(one => char.IsControl(one) ? '?' : one));
}
