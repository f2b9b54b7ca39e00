using NetVips;

namespace ClipDistributed.Data.Images;

/// <summary>Four channels of a byte each.</summary>
/// <param name="Pixels">Width · Height · 4 bytes.</param>
internal sealed record FourChannels(int Width, int Height, byte[] Pixels);

/// <summary>The inks of a CMYK JPEG, 0 to 255 is none to full; Skia hands out RGB only, so these rare files go through libvips.</summary>
internal static class CmykDecoder
{
    /// <param name="encoded">A JPEG of four components whose size was found to be within the limit.</param>
    /// <exception cref="DamagedImageException">Cut short or corrupt.</exception>
    public static FourChannels Decode(ReadOnlySpan<byte> encoded)
    {
        LibVips.SetUp();
        try
        {
            using var image = Image.JpegloadBuffer(encoded.ToArray(), access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
            byte[] inks = image.WriteToMemory<byte>();
            // libvips turns the samples over where an Adobe marker says so; Pillow always does.
            if (encoded.IndexOf("Adobe\0"u8) < 0)
            {
                for (int i = 0; i < inks.Length; i++)
                    inks[i] = (byte)(255 - inks[i]);
            }
            return new FourChannels(image.Width, image.Height, inks);
        }
        catch (VipsException)
        {
            throw new DamagedImageException("is a corrupt JPEG");
        }
    }
}
