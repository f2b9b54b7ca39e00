namespace ClipDistributed.Data.ParquetFiles;

/// <summary>DELTA_BINARY_PACKED: a first number, then differences in blocks of bit-packed miniblocks.</summary>
internal static class DeltaNumbers
{
    private const int MaxBlock = 1 << 20;

    /// <param name="bytes">Begins with the numbers; afterwards what follows them.</param>
    /// <param name="target">As many numbers as there must be.</param>
    /// <exception cref="InvalidDataException">The bytes hold another count of numbers, or are damaged.</exception>
    public static void Decode(ref ReadOnlySpan<byte> bytes, Span<long> target)
    {
        ulong block = TakeNumber(ref bytes), miniblocks = TakeNumber(ref bytes), count = TakeNumber(ref bytes);
        long value = TakeSigned(ref bytes);
        if (block is 0 or > MaxBlock || miniblocks == 0 || block % miniblocks != 0 || block / miniblocks % 8 != 0)
            throw Broken();
        if (count != (ulong)target.Length)
            throw Broken();
        if (target.Length == 0)
            return;
        target[0] = value;
        int next = 1, perMiniblock = (int)(block / miniblocks);
        while (next < target.Length)
        {
            long least = TakeSigned(ref bytes);
            var widths = Take(ref bytes, (int)miniblocks);
            for (int i = 0; i < widths.Length && next < target.Length; i++)
            {
                int width = widths[i];
                if (width > 64)
                    throw Broken();
                var packed = Take(ref bytes, perMiniblock / 8 * width);
                int used = Math.Min(perMiniblock, target.Length - next);
                for (int j = 0; j < used; j++)
                    target[next++] = value = unchecked(value + least + (long)Bits(packed, j * width, width));
            }
        }
    }

    private static ulong Bits(ReadOnlySpan<byte> packed, int first, int count)
    {
        ulong value = 0;
        for (int taken = 0; taken < count;)
        {
            int at = first + taken, shift = at & 7, part = Math.Min(8 - shift, count - taken);
            value |= (ulong)((packed[at >> 3] >> shift) & ((1 << part) - 1)) << taken;
            taken += part;
        }
        return value;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        if (count > bytes.Length)
            throw Broken();
        var taken = bytes[..count];
        bytes = bytes[count..];
        return taken;
    }

    private static long TakeSigned(ref ReadOnlySpan<byte> bytes)
    {
        ulong number = TakeNumber(ref bytes);
        return (long)(number >> 1) ^ -(long)(number & 1);
    }

    private static ulong TakeNumber(ref ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(ref bytes, 1)[0];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
        throw Broken();
    }

    private static InvalidDataException Broken() => new("a page of differences is damaged");
}
