using System.Globalization;
using System.Text;

namespace ClipDistributed.Data.Tars;

/// <summary>Records "LENGTH KEY=VALUE\n" of POSIX.1-2001, which say what a header has no room for.</summary>
/// <param name="Path">Null: the header's own name.</param>
/// <param name="Size">Null: the header's own.</param>
internal readonly record struct PaxRecords(string? Path, long? Size)
{
    /// <exception cref="InvalidDataException">They are damaged, or make the member one that is not read.</exception>
    public static PaxRecords Read(ReadOnlySpan<byte> bytes)
    {
        var records = default(PaxRecords);
        while (bytes.Length > 0 && bytes[0] != 0) // some writers fill with NULs
        {
            int space = bytes.IndexOf((byte)' ');
            if (space <= 0 || !int.TryParse(bytes[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || length > bytes.Length || length < space + 3 || bytes[length - 1] != '\n')
            {
                throw new InvalidDataException("the extended header of a member is damaged");
            }
            var record = bytes[(space + 1)..(length - 1)];
            bytes = bytes[length..];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw new InvalidDataException("the extended header of a member is damaged");
            string key = Encoding.UTF8.GetString(record[..equals]);
            var value = record[(equals + 1)..];
            if (key == "path")
                records = records with { Path = Encoding.UTF8.GetString(value) };
            else if (key == "size")
                records = records with { Size = SizeOf(value) };
            else if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
                throw new InvalidDataException("it has a sparse file, which is not read: write it without --sparse");
        }
        return records;
    }

    private static long SizeOf(ReadOnlySpan<byte> value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size <= TarHeader.MaxSize
            ? size
            : throw new InvalidDataException("a member's size is not a number, or larger than any file");
}
