namespace ClipDistributed.Data.ParquetFiles;

/// <summary>What stands before the bytes of a page.</summary>
/// <param name="Length">Bytes of the header itself.</param>
/// <param name="Compressed">Bytes of the page in the file.</param>
/// <param name="Uncompressed">Bytes that they grow to.</param>
/// <param name="Values">Entries of the page, nulls included.</param>
/// <param name="DefinitionBytes">Version 2: bytes of definition levels before the values, never compressed.</param>
/// <param name="RepetitionBytes">Version 2: bytes of repetition levels before those.</param>
/// <param name="IsCompressed">Version 2: whether the values are.</param>
internal readonly record struct PageHeader(
    PageKind Kind, int Length, int Compressed, int Uncompressed, int Values, int Encoding, int LevelEncoding, int DefinitionBytes,
    int RepetitionBytes, bool IsCompressed)
{
    /// <exception cref="TruncatedException">There are too few bytes: with more it may be one.</exception>
    /// <exception cref="InvalidDataException">The bytes are not a page header.</exception>
    public static PageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        int kind = -1, compressed = -1, uncompressed = -1;
        PageHeader? inner = null;
        int id = 0;
        while (reader.NextField(ref id, out int type))
        {
            if (id == 1)
                kind = reader.TakeInt32(type);
            else if (id == 2)
                uncompressed = reader.TakeInt32(type);
            else if (id == 3)
                compressed = reader.TakeInt32(type);
            else if (id is 5 or 7 or 8 && type == CompactReader.Struct)
                inner = ReadInner(ref reader, isSecond: id == 8);
            else
                reader.Skip(type);
        }
        if (compressed < 0 || uncompressed < 0 || kind is < 0 or > 3 || (kind != (int)PageKind.Index && inner is null))
            throw Broken();
        return inner.GetValueOrDefault() with { Kind = (PageKind)kind, Length = reader.Consumed, Compressed = compressed,
            Uncompressed = uncompressed };
    }

    private static PageHeader ReadInner(ref CompactReader reader, bool isSecond)
    {
        int values = -1, encoding = -1, levels = PageEncodings.Rle, definition = 0, repetition = 0;
        bool isCompressed = true;
        int id = 0;
        while (reader.NextField(ref id, out int type))
        {
            if (id == 1)
                values = reader.TakeInt32(type);
            else if (id == (isSecond ? 4 : 2))
                encoding = reader.TakeInt32(type);
            else if (id == 3 && !isSecond && type == CompactReader.Int32) // a dictionary page has a boolean here
                levels = reader.TakeInt32(type);
            else if (id == 5 && isSecond)
                definition = reader.TakeInt32(type);
            else if (id == 6 && isSecond)
                repetition = reader.TakeInt32(type);
            else if (id == 7 && isSecond)
                isCompressed = reader.TakeBoolean(type);
            else
                reader.Skip(type);
        }
        return values < 0 || encoding < 0 || definition < 0 || repetition < 0
            ? throw Broken()
            : new PageHeader(default, 0, 0, 0, values, encoding, levels, definition, repetition, isCompressed);
    }

    private static InvalidDataException Broken() => new("a page header is damaged");
}

/// <summary>Numbers as in parquet.thrift.</summary>
internal enum PageKind
{
    Data,
    Index,
    Dictionary,
    SecondData,
}
