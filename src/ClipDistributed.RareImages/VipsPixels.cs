using ClipDistributed.Data.Images;
using NetVips;

namespace ClipDistributed.RareImages;

/// <summary>Samples of every kind as Pillow's <c>convert("RGB")</c> has them, with the alpha beside them.</summary>
internal static class VipsPixels
{
    static VipsPixels()
    {
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
    }

    /// <summary>Damage where libvips refuses.</summary>
    public static RgbaImage Guarded(string format, Func<RgbaImage> read)
    {
        try
        {
            return read();
        }
        catch (VipsException)
        {
            throw new DamagedImageException($"is a corrupt {format}");
        }
    }

    /// <exception cref="DamagedImageException">Samples that are not pictures, such as Lab or complex numbers.</exception>
    public static RgbaImage Of(Image image, string format)
    {
        int bands = image.Bands;
        bool isInks = image.Interpretation == Enums.Interpretation.Cmyk && bands >= 4;
        bool isNoPicture = image.Interpretation
            is Enums.Interpretation.Lab or Enums.Interpretation.Labs or Enums.Interpretation.Labq or Enums.Interpretation.Xyz;
        if (isNoPicture || bands > 5)
            throw new DamagedImageException($"is a {format} of {image.Interpretation} with {bands} channels; use RGB or grey");
        byte[] samples = image.Format switch
        {
            Enums.BandFormat.Uchar => image.WriteToMemory<byte>(),
            Enums.BandFormat.Ushort when bands == 1 => Clipped(image.WriteToMemory<ushort>(), sample => sample),
            Enums.BandFormat.Ushort => Clipped(image.WriteToMemory<ushort>(), sample => sample >> 8),
            Enums.BandFormat.Short when bands == 1 => Clipped(image.WriteToMemory<short>(), sample => sample),
            Enums.BandFormat.Int when bands == 1 => Clipped(image.WriteToMemory<int>(), sample => sample),
            Enums.BandFormat.Uint when bands == 1 => Clipped(image.WriteToMemory<uint>(), sample => sample),
            // rounded down, as Pillow's F to L
            Enums.BandFormat.Float when bands == 1 => Clipped(image.WriteToMemory<float>(), sample => (long)sample),
            var other => throw new DamagedImageException($"is a {format} of {bands} channels of type {other}; use 8 or 16 bits"),
        };
        return Rgba(samples, image.Width, image.Height, bands, isInks);
    }

    private static byte[] Clipped<T>(T[] samples, Func<T, long> number) =>
        [.. samples.Select(sample => (byte)Math.Clamp(number(sample), 0, 255))];

    private static RgbaImage Rgba(byte[] samples, int width, int height, int bands, bool isInks)
    {
        byte[] rgba = new byte[width * height * 4];
        bool hasAlpha = bands is 2 or 5 || bands == 4 && !isInks;
        for (int i = 0; i < width * height; i++)
        {
            var from = samples.AsSpan(i * bands, bands);
            var to = rgba.AsSpan(i * 4, 4);
            if (isInks)
            {
                int light = 255 - from[3];
                for (int channel = 0; channel < 3; channel++)
                    to[channel] = (byte)Math.Max(light - Product(from[channel], light), 0);
            }
            else if (bands < 3)
            {
                to[..3].Fill(from[0]);
            }
            else
            {
                from[..3].CopyTo(to);
            }
            to[3] = hasAlpha ? from[^1] : (byte)255;
        }
        return new RgbaImage(width, height, hasAlpha, rgba);
    }

    /// <summary>a · b / 255, rounded.</summary>
    private static int Product(int a, int b)
    {
        int product = a * b + 128;
        return (product + (product >> 8)) >> 8;
    }
}
