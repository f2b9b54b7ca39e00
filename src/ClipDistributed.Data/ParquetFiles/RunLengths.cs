namespace ClipDistributed.Data.ParquetFiles;

/// <summary>The hybrid of run lengths and bit packing that holds levels and places in a dictionary.</summary>
internal static class RunLengths
{
    /// <summary>Fills the target; runs that are longer than what is left of it are cut.</summary>
    /// <exception cref="InvalidDataException">The bytes end before the target is full.</exception>
    public static void Decode(ReadOnlySpan<byte> bytes, int bitWidth, Span<int> target)
    {
        if (bitWidth is < 0 or > 32)
            throw new InvalidDataException($"a page packs numbers of {bitWidth} bits");
        int valueBytes = (bitWidth + 7) / 8;
        while (target.Length > 0)
        {
            uint header = TakeNumber(ref bytes);
            if ((header & 1) == 0)
            {
                int run = (int)Math.Min(header >> 1, (uint)target.Length);
                target[..run].Fill(TakeValue(ref bytes, valueBytes));
                target = target[run..];
                continue;
            }
            // Groups of eight; the last ones may stand for values that are not there.
            long count = Math.Min((header >> 1) * 8L, target.Length);
            long packed = (header >> 1) * (long)bitWidth;
            Unpack(bytes, bitWidth, target[..(int)count]);
            bytes = bytes[(int)Math.Min(packed, bytes.Length)..];
            target = target[(int)count..];
        }
    }

    private static void Unpack(ReadOnlySpan<byte> bytes, int bitWidth, Span<int> target)
    {
        if (((long)target.Length * bitWidth + 7) / 8 > bytes.Length)
            throw Short();
        ulong buffer = 0;
        int held = 0, at = 0;
        ulong mask = bitWidth == 0 ? 0 : ulong.MaxValue >> (64 - bitWidth);
        for (int i = 0; i < target.Length; i++)
        {
            for (; held < bitWidth; held += 8)
                buffer |= (ulong)bytes[at++] << held;
            target[i] = (int)(buffer & mask);
            buffer >>= bitWidth;
            held -= bitWidth;
        }
    }

    private static int TakeValue(ref ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length < count)
            throw Short();
        int value = 0;
        for (int i = 0; i < count; i++)
            value |= bytes[i] << (8 * i);
        bytes = bytes[count..];
        return value;
    }

    private static uint TakeNumber(ref ReadOnlySpan<byte> bytes)
    {
        uint number = 0;
        for (int shift = 0; shift < 32; shift += 7)
        {
            if (bytes.Length == 0)
                throw Short();
            byte next = bytes[0];
            bytes = bytes[1..];
            number |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
        throw Short();
    }

    private static InvalidDataException Short() => new("a page holds fewer levels or dictionary places than its header claims");
}
