using System.Buffers;
using System.Buffers.Binary;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>
/// Reads a column of one row group, page by page. A page header is believed only as far as the bytes of its chunk, the rows
/// of the group and <see cref="ColumnChunk.MaxUncompressed"/> allow, before anything is allocated.
/// </summary>
internal static class ColumnReader
{
    private const int FirstHeaderWindow = 4096, MaxHeader = 16 << 20; // a header holds the least and greatest value of its page

    /// <summary>Few large ones: the shared pool keeps one for each thread.</summary>
    private static readonly ArrayPool<byte> Buffers = ArrayPool<byte>.Create(maxArrayLength: 1 << 26, maxArraysPerBucket: 8);

    /// <summary>One element a row; null where the row has no value.</summary>
    /// <param name="column">A leaf that does not repeat.</param>
    /// <exception cref="InvalidDataException">The bytes are no such column.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static T?[] Read<T>(
        ParquetFile file, int group, SchemaNode column, ValueConversion<T> convert, CancellationToken cancel = default)
        where T : class
    {
        var chunk = file.Footer.Chunk(group, column, file.DataLength);
        int rows = checked((int)file.Footer.Groups[group].Rows);
        if (chunk.Values != rows)
            throw new InvalidDataException(
                $"column '{FileWords.Of(column.Name)}' claims {Counted.Of(chunk.Values, "value")} in a row group of "
                    + $"{Counted.Of(rows, "row")}"
            );
        long maxBytes = ColumnChunk.MaxUncompressed(chunk.Compressed, file.Footer.Groups.Count);
        var decoder = new ValueDecoder<T>(column, convert, maxBytes);
        var result = new T?[rows];
        long position = chunk.Start, end = chunk.Start + chunk.Compressed;
        for (int row = 0; row < rows;)
        {
            cancel.ThrowIfCancellationRequested();
            var header = ReadHeader(file, position, end);
            position += header.Length;
            if (header.Compressed > end - position)
                throw new InvalidDataException(
                    $"a page claims {Counted.Of(header.Compressed, "byte")}, its column has {end - position:N0} left"
                );
            if (header.Uncompressed > maxBytes)
                throw new InvalidDataException(
                    $"a page claims {Counted.Of(header.Uncompressed, "byte")} from {header.Compressed:N0}; {ColumnChunk.Allowed}");
            maxBytes -= header.Uncompressed;
            if (header.Kind is PageKind.Data or PageKind.SecondData && header.Values > rows - row)
                throw new InvalidDataException(
                    $"a page claims {Counted.Of(header.Values, "value")}, its row group has {Counted.Of(rows - row, "row")} left"
                );
            if (header.Kind != PageKind.Index)
                row += ReadPage(file, new Page(header, position, (Compression)chunk.Codec), column, decoder, result.AsSpan(row));
            position += header.Compressed;
        }
        return result;
    }

    /// <summary>The number of rows that it holds, which a dictionary has none of.</summary>
    private static int ReadPage<T>(
        ParquetFile file, Page page, SchemaNode column, ValueDecoder<T> decoder, Span<T?> rows)
        where T : class
    {
        var (header, position, codec) = page;
        byte[] packed = Buffers.Rent(header.Compressed);
        byte[]? unpacked = null;
        try
        {
            file.Read(position, packed.AsSpan(0, header.Compressed));
            // Levels of version 2 lie before what is compressed.
            bool isSecond = header.Kind == PageKind.SecondData;
            long before = isSecond ? (long)header.RepetitionBytes + header.DefinitionBytes : 0;
            if (before > header.Compressed || before > header.Uncompressed)
                throw new InvalidDataException("a page claims more levels than it has bytes");
            ReadOnlySpan<byte> levels = packed.AsSpan(header.RepetitionBytes, header.DefinitionBytes);
            int start = (int)before;
            ReadOnlySpan<byte> values = packed.AsSpan(start, header.Compressed - start);
            if (codec != Compression.Uncompressed && !(isSecond && !header.IsCompressed))
            {
                unpacked = Buffers.Rent(header.Uncompressed - start);
                Decompression.Run(codec, packed, start, header.Compressed - start, unpacked.AsSpan(0, header.Uncompressed - start));
                values = unpacked.AsSpan(0, header.Uncompressed - start);
            }
            if (header.Kind == PageKind.Dictionary)
            {
                decoder.ReadDictionary(values, header.Values);
                return 0;
            }
            if (!isSecond)
                levels = TakeLevels(ref values, header, column);
            ReadValues(levels, values, header, column, decoder, rows[..header.Values]);
            return header.Values;
        }
        finally
        {
            Buffers.Return(packed);
            if (unpacked is not null)
                Buffers.Return(unpacked);
        }
    }

    /// <summary>Version 1: the levels come first in the page, behind their length.</summary>
    private static ReadOnlySpan<byte> TakeLevels(scoped ref ReadOnlySpan<byte> values, PageHeader header, SchemaNode column)
    {
        if (column.MaxDefinition == 0)
            return [];
        if (header.LevelEncoding != PageEncodings.Rle)
            throw new InvalidDataException($"a page has levels of encoding {header.LevelEncoding}, which is not read");
        int length = values.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(values);
        if (length < 0 || length > values.Length - sizeof(int))
            throw new InvalidDataException("a page claims more levels than it has bytes");
        var levels = values.Slice(sizeof(int), length);
        values = values[(sizeof(int) + length)..];
        return levels;
    }

    private static void ReadValues<T>(
        ReadOnlySpan<byte> levels, ReadOnlySpan<byte> values, PageHeader header, SchemaNode column, ValueDecoder<T> decoder, Span<T?> rows)
        where T : class
    {
        if (column.MaxDefinition == 0)
        {
            decoder.Read(header.Encoding, values, rows!);
            return;
        }
        int[] defined = new int[rows.Length];
        RunLengths.Decode(levels, BitWidth(column.MaxDefinition), defined);
        int present = defined.AsSpan().Count(column.MaxDefinition);
        if (defined.AsSpan().ContainsAnyExceptInRange(0, column.MaxDefinition))
            throw new InvalidDataException("a page has levels that its schema does not");
        var found = new T[present];
        decoder.Read(header.Encoding, values, found);
        int next = 0;
        for (int i = 0; i < rows.Length; i++)
            rows[i] = defined[i] == column.MaxDefinition ? found[next++] : null;
    }

    private static int BitWidth(int max) => 32 - int.LeadingZeroCount(max);

    private static PageHeader ReadHeader(ParquetFile file, long position, long end)
    {
        byte[] window = Buffers.Rent(FirstHeaderWindow);
        try
        {
            for (int wanted = FirstHeaderWindow; ; wanted *= 2)
            {
                int length = (int)Math.Min(wanted, end - position);
                if (window.Length < length)
                {
                    Buffers.Return(window);
                    window = Buffers.Rent(length);
                }
                file.Read(position, window.AsSpan(0, length));
                try
                {
                    return PageHeader.Read(window.AsSpan(0, length));
                }
                catch (TruncatedException) when (length < wanted || wanted > MaxHeader)
                {
                    throw new InvalidDataException("the pages of a column end before its rows do");
                }
                catch (TruncatedException)
                {
                    // the window was too small for it
                }
            }
        }
        finally
        {
            Buffers.Return(window);
        }
    }

    /// <param name="Start">Where the bytes after the header begin in the file.</param>
    private readonly record struct Page(PageHeader Header, long Start, Compression Codec);
}
