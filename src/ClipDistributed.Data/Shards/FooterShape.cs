namespace ClipDistributed.Data.Shards;

/// <summary>
/// Walks a Parquet footer by the rules of Thrift's compact protocol without knowing what its fields mean. Parquet.Net 6.1
/// reads on for ever where a damaged footer ends inside a number; a footer that passes this walk ends where it should.
/// </summary>
internal ref struct FooterShape
{
    private const int DeepestNesting = 64;

    private ReadOnlySpan<byte> rest;

    /// <exception cref="InvalidDataException">The bytes are no complete structure.</exception>
    public static void ThrowIfBroken(ReadOnlySpan<byte> footer)
    {
        var walk = new FooterShape { rest = footer };
        walk.SkipStruct(depth: 0);
    }

    private void SkipStruct(int depth)
    {
        while (Take(1)[0] is var header and not 0)
        {
            if (header >> 4 == 0)
                TakeNumber(); // the field's id, where it is not the distance from the one before
            int type = header & 0xF;
            bool valueIsInTheType = type is 1 or 2;
            if (!valueIsInTheType)
                SkipValue(type, depth);
        }
    }

    private void SkipValue(int type, int depth)
    {
        if (depth > DeepestNesting)
            throw Broken();
        switch (type)
        {
            case 1 or 2 or 3: // booleans in a list, a byte
                Take(1);
                break;
            case 4 or 5 or 6: // integers
                TakeNumber();
                break;
            case 7: // a double
                Take(8);
                break;
            case 8: // text or bytes
                Take(TakeNumber());
                break;
            case 9 or 10: // a list or a set
                byte header = Take(1)[0];
                ulong count = header >> 4 == 15 ? TakeNumber() : (ulong)(header >> 4);
                for (ulong i = 0; i < count; i++)
                    SkipValue(header & 0xF, depth + 1);
                break;
            case 12:
                SkipStruct(depth + 1);
                break;
            default:
                throw Broken();
        }
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length)
            throw Broken();
        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }

    private ulong TakeNumber()
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
        throw Broken();
    }

    private static InvalidDataException Broken() => new("the footer is damaged");
}
