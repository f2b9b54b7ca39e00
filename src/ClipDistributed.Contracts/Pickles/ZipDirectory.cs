using System.Buffers.Binary;
using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Pickles;

/// <summary>
/// Where the files of a zip archive lie (PKWARE APPNOTE 6.3, 4.3 and 4.5.3). Only files that are stored as they are can be reached:
/// nothing is unpacked, so an archive can hold no more than it is long.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EndMark = 0x06054b50, End64Mark = 0x06064b50, Locator64Mark = 0x07064b50, EntryMark = 0x02014b50,
        LocalMark = 0x04034b50;
    private const int EndLength = 22, LocatorLength = 20, EntryLength = 46, LocalLength = 30, MaxComment = 0xffff;
    private const int MaxEntries = 200_000;
    private const long MaxDirectory = 64L << 20; // of a model of 3,000 tensors: 300 kB

    private readonly Stream file;

    private ZipDirectory(Stream file, IReadOnlyDictionary<string, ZipEntry> entries) => (this.file, Entries) = (file, entries);

    public IReadOnlyDictionary<string, ZipEntry> Entries { get; }

    /// <exception cref="InvalidDataException">The directory is damaged, or lists a name twice.</exception>
    public static ZipDirectory Read(Stream file)
    {
        var (start, length) = Locate(file);
        byte[] directory = ReadAt(file, start, length);
        var entries = new Dictionary<string, ZipEntry>();
        for (int at = 0; at < directory.Length;)
        {
            var entry = directory.AsSpan(at);
            if (entry.Length < EntryLength || U32(entry) != EntryMark)
                throw new InvalidDataException("the zip directory is damaged");
            int name = U16(entry[28..]), extra = U16(entry[30..]), comment = U16(entry[32..]), whole = EntryLength + name + extra + comment;
            if (entry.Length < whole)
                throw new InvalidDataException("the zip directory is damaged");
            var found = Entry(entry, Encoding.UTF8.GetString(entry.Slice(EntryLength, name)), entry.Slice(EntryLength + name, extra));
            if (entries.Count == MaxEntries)
                throw new InvalidDataException($"the archive lists more than {MaxEntries} files; a model has some thousand tensors");
            if (!entries.TryAdd(found.Name, found))
                throw new InvalidDataException($"the archive lists {TorchObjects.Shown(found.Name)} twice");
            at += whole;
        }
        return new ZipDirectory(file, entries);
    }

    /// <summary>Where a file's bytes lie.</summary>
    /// <exception cref="InvalidDataException">It is packed, encrypted, or not where the directory says.</exception>
    public (long Start, long Length) Find(string name)
    {
        if (!Entries.TryGetValue(name, out var entry))
            throw new InvalidDataException($"the archive holds no {TorchObjects.Shown(name)}");
        if (entry.Method != 0 || entry.Encrypted || entry.Stored != entry.Length)
            throw new InvalidDataException(
                $"{TorchObjects.Shown(name)} is packed or encrypted in the archive; torch.save stores its "
                    + "files as they are, so unpack and save it again"
            );
        byte[] local = ReadAt(file, entry.Header, LocalLength);
        if (U32(local) != LocalMark)
            throw new InvalidDataException($"{TorchObjects.Shown(name)} is not where the zip directory says");
        long start = entry.Header + LocalLength + U16(local.AsSpan(26)) + U16(local.AsSpan(28));
        if (entry.Length > file.Length - start)
            throw new InvalidDataException(
                $"{TorchObjects.Shown(name)} claims {Counted.Plain(entry.Length, "byte")}, the file ends "
                    + $"{Counted.Plain(Math.Max(0, file.Length - start), "byte")} after its beginning; it was cut off"
            );
        return (start, entry.Length);
    }

    private static (long Start, long Length) Locate(Stream file)
    {
        int tail = (int)Math.Min(file.Length, EndLength + MaxComment);
        byte[] end = ReadAt(file, file.Length - tail, tail);
        int at = tail - EndLength;
        while (at >= 0 && U32(end.AsSpan(at)) != EndMark)
            at--;
        if (at < 0)
            throw new InvalidDataException("the zip archive has no end; it was cut off");
        long length = U32(end.AsSpan(at + 12)), start = U32(end.AsSpan(at + 16)), behind = file.Length - tail + at;
        bool large = start == uint.MaxValue || length == uint.MaxValue || U16(end.AsSpan(at + 10)) == ushort.MaxValue;
        if (large && behind >= LocatorLength
            && ReadAt(file, behind - LocatorLength, LocatorLength) is { } locator && U32(locator) == Locator64Mark)
        {
            byte[] end64 = ReadAt(file, I64(locator.AsSpan(8)), 56);
            if (U32(end64) != End64Mark)
                throw new InvalidDataException("the zip directory is damaged");
            (length, start) = (I64(end64.AsSpan(40)), I64(end64.AsSpan(48)));
        }
        if (length > MaxDirectory || start > behind || length > behind - start)
            throw new InvalidDataException($"the zip directory claims {Counted.Plain(length, "byte")} at byte {start} of {file.Length}");
        return (start, length);
    }

    private static ZipEntry Entry(ReadOnlySpan<byte> entry, string name, ReadOnlySpan<byte> extra)
    {
        long stored = U32(entry[20..]), length = U32(entry[24..]), header = U32(entry[42..]);
        var large = Zip64(extra);
        // In this order, and only those that do not fit above.
        foreach (bool isLength in new[] { true, false })
        {
            if ((isLength ? length : stored) == uint.MaxValue && large.Length >= 8)
            {
                if (isLength)
                    length = I64(large);
                else
                    stored = I64(large);
                large = large[8..];
            }
        }
        if (header == uint.MaxValue && large.Length >= 8)
            header = I64(large);
        return new ZipEntry(name, U16(entry[10..]), (U16(entry[8..]) & 1) != 0, stored, length, header);
    }

    /// <summary>The large sizes among an entry's extra fields.</summary>
    private static ReadOnlySpan<byte> Zip64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4 && extra.Length - 4 >= U16(extra[2..]))
        {
            if (U16(extra) == 1)
                return extra.Slice(4, U16(extra[2..]));
            extra = extra[(4 + U16(extra[2..]))..];
        }
        return [];
    }

    private static byte[] ReadAt(Stream file, long start, long length)
    {
        if (start < 0 || length > file.Length - start)
            throw new InvalidDataException($"the zip directory names byte {start} of {file.Length}; it is damaged or cut off");
        byte[] bytes = new byte[length];
        file.Position = start;
        file.ReadExactly(bytes);
        return bytes;
    }

    private static int U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    /// <exception cref="InvalidDataException">It is not a length.</exception>
    private static long I64(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes) is >= 0 and var value
            ? value
            : throw new InvalidDataException("the zip directory is damaged");
}
