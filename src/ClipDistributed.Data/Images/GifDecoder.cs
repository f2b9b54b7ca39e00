using System.Buffers.Binary;

namespace ClipDistributed.Data.Images;

/// <summary>
/// The first frame of a GIF as Pillow paints it: on a canvas of the screen, made larger where the frame reaches beyond it, filled
/// with the transparent number where there is one, else with number 0; transparent pixels keep the colour that the palette
/// stores for them. Other decoders fill with the background or with black.
/// </summary>
internal sealed class GifDecoder
{
    private const int ScreenLength = 13, MaxCodeBits = 12;

    private readonly byte[] palette;
    private readonly int? transparent;

    private GifDecoder(GifFrame frame, byte[] palette, int? transparent, int data)
    {
        (Frame, Data) = (frame, data);
        (this.palette, this.transparent) = (palette, transparent);
    }

    public int Width => Frame.CanvasWidth;

    public int Height => Frame.CanvasHeight;

    public bool HasAlpha => transparent is not null;

    private GifFrame Frame { get; }

    /// <summary>Where the compressed numbers begin.</summary>
    private int Data { get; }

    /// <summary>Reads the blocks before the first frame's pixels.</summary>
    /// <exception cref="DamagedImageException">There is no frame, or the bytes end before it.</exception>
    public static GifDecoder Open(ReadOnlySpan<byte> gif)
    {
        if (gif.Length < ScreenLength)
            throw Cut();
        int width = BinaryPrimitives.ReadUInt16LittleEndian(gif[6..]), height = BinaryPrimitives.ReadUInt16LittleEndian(gif[8..]);
        int at = ScreenLength;
        byte[] palette = Palette(gif, gif[10], ref at);
        int? transparent = null;
        while (true)
        {
            if (at + 2 > gif.Length)
                throw Cut();
            if (gif[at] == 0x21) // an extension: label, then sub-blocks
            {
                if (gif[at + 1] == 0xF9 && at + 7 < gif.Length)
                    transparent = (gif[at + 3] & 1) != 0 ? gif[at + 6] : null;
                at = SkipBlocks(gif, at + 2);
            }
            else if (gif[at] == 0x2C)
            {
                if (at + 10 > gif.Length)
                    throw Cut();
                int left = BinaryPrimitives.ReadUInt16LittleEndian(gif[(at + 1)..]),
                    top = BinaryPrimitives.ReadUInt16LittleEndian(gif[(at + 3)..]);
                int frameWidth = BinaryPrimitives.ReadUInt16LittleEndian(gif[(at + 5)..]),
                    frameHeight = BinaryPrimitives.ReadUInt16LittleEndian(gif[(at + 7)..]);
                byte flags = gif[at + 9];
                at += 10;
                byte[] local = Palette(gif, flags, ref at);
                (width, height) = (Math.Max(width, left + frameWidth), Math.Max(height, top + frameHeight));
                if (frameWidth == 0 || frameHeight == 0)
                    throw new DamagedImageException("is a corrupt GIF");
                bool interlaced = (flags & 0x40) != 0;
                var frame = new GifFrame(width, height, left, top, frameWidth, frameHeight, interlaced);
                return new GifDecoder(frame, local.Length > 0 ? local : palette, transparent, at);
            }
            else if (gif[at] == 0x3B)
            {
                throw new DamagedImageException("is a GIF without a frame");
            }
            else
            {
                at++; // Pillow passes over stray bytes
            }
        }
    }

    /// <param name="pixels">Width · height · channels, with 3 or 4 channels.</param>
    /// <exception cref="DamagedImageException">Cut short or corrupt.</exception>
    public void Decode(ReadOnlySpan<byte> gif, Span<byte> pixels, int channels)
    {
        byte[] colours = Colours();
        Fill(pixels, channels, colours, transparent ?? 0);
        byte[] numbers = new byte[Frame.Width * Frame.Height];
        ReadNumbers(gif, numbers);
        int row = 0;
        foreach (int y in Rows())
        {
            int to = ((Frame.Top + y) * Width + Frame.Left) * channels;
            foreach (byte number in numbers.AsSpan(row++ * Frame.Width, Frame.Width))
            {
                colours.AsSpan(number * 4, channels).CopyTo(pixels[to..]);
                to += channels;
            }
        }
    }

    private static void Fill(Span<byte> pixels, int channels, byte[] colours, int number)
    {
        for (int at = 0; at + channels <= pixels.Length; at += channels)
            colours.AsSpan(number * 4, channels).CopyTo(pixels[at..]);
    }

    /// <summary>256 · RGBA; numbers beyond the palette are greys.</summary>
    private byte[] Colours()
    {
        byte[] colours = new byte[256 * 4];
        for (int i = 0; i < 256; i++)
        {
            for (int channel = 0; channel < 3; channel++)
                colours[i * 4 + channel] = i * 3 < palette.Length ? palette[i * 3 + channel] : (byte)i;
            colours[i * 4 + 3] = (byte)(i == transparent ? 0 : 255);
        }
        return colours;
    }

    /// <summary>In the order of the stream.</summary>
    private IEnumerable<int> Rows()
    {
        (int First, int Step)[] passes = Frame.Interlaced ? [(0, 8), (4, 8), (2, 4), (1, 2)] : [(0, 1)];
        return passes.SelectMany(pass => Enumerable.Range(0, Frame.Height).Where(y => y % pass.Step == pass.First));
    }

    /// <summary>LZW with codes that grow, the least significant bit first (GIF89a, appendix F).</summary>
    private void ReadNumbers(ReadOnlySpan<byte> gif, Span<byte> numbers)
    {
        if (Data >= gif.Length)
            throw Cut();
        int least = gif[Data];
        if (least is 0 or >= MaxCodeBits)
            throw new DamagedImageException("is a corrupt GIF");
        int clear = 1 << least, end = clear + 1, next = end + 1, width = least + 1, last = -1, count = 0;
        int[] prefixes = new int[1 << MaxCodeBits];
        byte[] suffixes = new byte[1 << MaxCodeBits], firsts = new byte[1 << MaxCodeBits], reversed = new byte[(1 << MaxCodeBits) + 1];
        for (int i = 0; i < clear; i++)
            suffixes[i] = firsts[i] = (byte)i;
        int at = Data + 1, left = 0, bits = 0, bitCount = 0;
        while (count < numbers.Length)
        {
            while (bitCount < width)
            {
                if (left == 0)
                {
                    if (at >= gif.Length || (left = gif[at++]) == 0)
                        throw Cut();
                }
                if (at >= gif.Length)
                    throw Cut();
                bits |= gif[at++] << bitCount;
                bitCount += 8;
                left--;
            }
            int code = bits & ((1 << width) - 1);
            bits >>= width;
            bitCount -= width;
            if (code == clear)
            {
                (next, width, last) = (end + 1, least + 1, -1);
                continue;
            }
            if (code == end)
                throw Cut();
            if (code > next || code == next && last < 0 || last < 0 && code >= clear)
                throw new DamagedImageException("is a corrupt GIF");
            if (last >= 0 && next < 1 << MaxCodeBits)
            {
                (prefixes[next], firsts[next]) = (last, firsts[last]);
                suffixes[next] = code == next ? firsts[last] : firsts[code];
                next++;
                if (next == 1 << width && width < MaxCodeBits)
                    width++;
            }
            int length = 0;
            for (int symbol = code; ; symbol = prefixes[symbol])
            {
                reversed[length++] = suffixes[symbol];
                if (symbol < clear)
                    break;
            }
            for (last = code; length > 0 && count < numbers.Length;)
                numbers[count++] = reversed[--length];
        }
    }

    private static byte[] Palette(ReadOnlySpan<byte> gif, byte flags, ref int at)
    {
        if ((flags & 0x80) == 0)
            return [];
        int length = 3 * (2 << (flags & 7));
        if (at + length > gif.Length)
            throw Cut();
        byte[] found = gif.Slice(at, length).ToArray();
        at += length;
        return found;
    }

    private static int SkipBlocks(ReadOnlySpan<byte> gif, int at)
    {
        while (at < gif.Length && gif[at] != 0)
            at += gif[at] + 1;
        return at + 1;
    }

    private static DamagedImageException Cut() => new("is a GIF cut short");
}

/// <summary>Where the first frame of a GIF lies on its canvas.</summary>
/// <param name="Interlaced">Its rows come in four passes.</param>
internal readonly record struct GifFrame(int CanvasWidth, int CanvasHeight, int Left, int Top, int Width, int Height, bool Interlaced);
