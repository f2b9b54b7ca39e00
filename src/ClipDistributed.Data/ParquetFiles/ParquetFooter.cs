using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>
/// What a Parquet file says about itself at its end, as far as reading images, captions and labels needs it. Nothing is
/// believed that the file is too short for.
/// </summary>
/// <param name="Columns">Top-level columns in the file's order.</param>
/// <param name="Groups">In the file's order.</param>
internal sealed record ParquetFooter(IReadOnlyList<SchemaNode> Columns, IReadOnlyList<RowGroupFooter> Groups)
{
    /// <summary>So many rows may be null or repeat one value, and then take next to nothing; more take a byte of the file each.</summary>
    private const long FreeRows = 1 << 20;

    private const int MaxRowGroups = 100_000, MaxChunks = 2_000_000;

    /// <summary>Of one row group, which is read as a whole; with images no writer comes near.</summary>
    private const long MaxGroupRows = 1 << 23;

    /// <param name="footer">The structure at the file's end.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <exception cref="InvalidDataException">It is damaged, or claims more than the file can hold.</exception>
    public static ParquetFooter Read(ReadOnlySpan<byte> footer, long fileLength)
    {
        try
        {
            return ReadFields(new CompactReader(footer), fileLength);
        }
        catch (TruncatedException)
        {
            throw new InvalidDataException("the footer is damaged: it is cut short");
        }
    }

    /// <summary>The chunk of a column in a row group, checked against what the file can hold.</summary>
    /// <exception cref="InvalidDataException">It lies outside the file, or claims sizes that its bytes cannot have.</exception>
    public ColumnChunk Chunk(int group, SchemaNode column, long dataLength)
    {
        var chunk = Groups[group].Chunks[column.Leaf];
        if (chunk.Start < ParquetFile.MagicLength || chunk.Compressed < 0 || chunk.Compressed > dataLength - chunk.Start)
            throw new InvalidDataException($"row group {group}: the bytes of column '{FileWords.Of(column.Name)}' lie outside the file");
        if (chunk.Uncompressed < 0 || chunk.Uncompressed > ColumnChunk.MaxUncompressed(chunk.Compressed, Groups.Count))
            throw new InvalidDataException(
                $"row group {group}: column '{FileWords.Of(column.Name)}' claims {Counted.Of(chunk.Uncompressed, "byte")} from "
                    + $"{chunk.Compressed:N0}; {ColumnChunk.Allowed}"
            );
        return chunk;
    }

    private static ParquetFooter ReadFields(CompactReader reader, long fileLength)
    {
        (IReadOnlyList<SchemaNode> Columns, int Leaves)? schema = null;
        IReadOnlyList<RowGroupFooter>? groups = null;
        int id = 0;
        while (reader.NextField(ref id, out int type))
        {
            if (id == 2)
                schema = SchemaReader.Read(ref reader, type);
            else if (id == 4 && schema is { Leaves: var leaves })
                groups = ReadGroups(ref reader, type, leaves);
            else
                reader.Skip(type);
        }
        if (schema is null || groups is null)
            throw new InvalidDataException("the footer is damaged: it has no schema, or no row groups after it");
        long rows = 0;
        foreach (var group in groups)
        {
            if (group.Rows < 0 || group.Rows > Math.Min(int.MaxValue, Math.Max(FreeRows, fileLength)) - rows)
                throw new InvalidDataException(
                    $"it claims more rows ({group.Rows:N0} in one row group) than its {Counted.Of(fileLength, "byte")} can hold");
            if (group.Rows > MaxGroupRows)
                throw new InvalidDataException(
                    $"it has a row group of {Counted.Of(group.Rows, "row")}; up to {MaxGroupRows:N0} are read: smaller ones are needed"
                );
            rows += group.Rows;
        }
        ChunkPlaces.CheckDisjoint(groups);
        return new ParquetFooter(schema.Value.Columns, groups);
    }

    private static List<RowGroupFooter> ReadGroups(ref CompactReader reader, int type, int leaves)
    {
        int count = reader.TakeListLength(type, out _);
        if (count > MaxRowGroups)
            throw new InvalidDataException(
                $"it has {Counted.Of(count, "row group")}; up to {MaxRowGroups:N0} are read: larger ones are needed"
            );
        if ((long)count * leaves > MaxChunks)
            throw new InvalidDataException(
                $"it has {Counted.Of(count, "row group")} of {Counted.Of(leaves, "column")}; up to {MaxChunks:N0} chunks are read: larger "
                    + $"row groups are needed"
            );
        var groups = new List<RowGroupFooter>(count);
        for (int i = 0; i < count; i++)
            groups.Add(ReadGroup(ref reader, leaves));
        return groups;
    }

    private static RowGroupFooter ReadGroup(ref CompactReader reader, int leaves)
    {
        ColumnChunk[]? chunks = null;
        long? rows = null;
        int id = 0;
        while (reader.NextField(ref id, out int type))
        {
            if (id == 1)
            {
                if (reader.TakeListLength(type, out _) != leaves)
                    throw new InvalidDataException("the footer is damaged: a row group has another number of columns than the schema");
                chunks = new ColumnChunk[leaves];
                for (int i = 0; i < leaves; i++)
                    chunks[i] = ColumnChunk.Read(ref reader);
            }
            else if (id == 3)
            {
                rows = reader.TakeInteger(type);
            }
            else
            {
                reader.Skip(type);
            }
        }
        return chunks is null || rows is null
            ? throw new InvalidDataException("the footer is damaged: a row group has no columns or no number of rows")
            : new RowGroupFooter(rows.Value, chunks);
    }
}

/// <param name="Rows">As claimed; not more than the file can hold.</param>
/// <param name="Chunks">One for each leaf of the schema; not checked yet.</param>
internal sealed record RowGroupFooter(long Rows, ColumnChunk[] Chunks);
