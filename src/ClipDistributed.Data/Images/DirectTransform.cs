namespace ClipDistributed.Data.Images;

/// <summary>
/// <see cref="EvaluationTransform"/> in the order of OpenCLIP's own transform (image_transform with is_train false on an opened
/// file): the image is resized in the mode of its file and becomes RGB after that. It differs for palettes (nearest neighbour), alpha
/// (premultiplied while it is resized, then dropped) and CMYK (resized as inks); for all other images the bytes are equal. One
/// exception: 16-bit grey is clipped to 8 bits before the resize here as well.
/// </summary>
/// <param name="Size">Side of the result in pixels.</param>
/// <param name="Mode">How the shape is kept.</param>
public sealed record DirectTransform(int Size, ResizeMode Mode = ResizeMode.Shortest)
{
    /// <param name="encoded">A whole file.</param>
    /// <param name="maxPixels">Width · height at most.</param>
    /// <param name="planes">[3, size, size], red, green, blue.</param>
    /// <exception cref="DamagedImageException">As <see cref="ImageDecoder.Decode"/>.</exception>
    public void Apply(ReadOnlySpan<byte> encoded, long maxPixels, Span<byte> planes)
    {
        planes = planes[..(3 * Size * Size)];
        switch (NativeModes.Of(encoded, ImageDecoder.Header(encoded, maxPixels)))
        {
            case NativeMode.Indexed:
                new EvaluationTransform(Size, Mode, ResampleFilter.Nearest).Apply(ImageDecoder.Decode(encoded, maxPixels), planes);
                break;
            case NativeMode.Alpha:
                ApplyPremultiplied(encoded, maxPixels, planes);
                break;
            case NativeMode.Cmyk:
                ApplyInks(CmykDecoder.Decode(encoded), planes);
                break;
            default:
                new EvaluationTransform(Size, Mode).Apply(ImageDecoder.Decode(encoded, maxPixels), planes);
                break;
        }
    }

    private void ApplyPremultiplied(ReadOnlySpan<byte> encoded, long maxPixels, Span<byte> planes)
    {
        var (width, height, _, rgba) = ImageDecoder.DecodeWithAlpha(encoded, maxPixels);
        for (int i = 0; i < rgba.Length; i += 4)
        {
            for (int channel = 0; channel < 3; channel++)
                rgba[i + channel] = Product(rgba[i + channel], rgba[i + 3]);
        }
        byte[] alpha = new byte[planes.Length];
        ResizeFour(width, height, rgba, planes, alpha);
        for (int i = 0; i < planes.Length; i++)
        {
            byte a = alpha[i];
            if (a is not (0 or 255))
                planes[i] = (byte)Math.Min(255 * planes[i] / a, 255);
        }
    }

    private void ApplyInks(FourChannels image, Span<byte> planes)
    {
        byte[] black = new byte[planes.Length];
        ResizeFour(image.Width, image.Height, image.Pixels, planes, black);
        for (int i = 0; i < planes.Length; i++)
        {
            int light = 255 - black[i];
            planes[i] = (byte)Math.Max(light - Product(planes[i], (byte)light), 0);
        }
    }

    /// <summary>The resizer takes three channels: the fourth goes by itself, three times.</summary>
    private void ResizeFour(int width, int height, byte[] pixels, Span<byte> firstThree, Span<byte> fourth)
    {
        byte[] three = new byte[width * height * 3], one = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++)
        {
            pixels.AsSpan(i * 4, 3).CopyTo(three.AsSpan(i * 3));
            one.AsSpan(i * 3, 3).Fill(pixels[i * 4 + 3]);
        }
        var transform = new EvaluationTransform(Size, Mode);
        transform.Apply(new RgbImage(width, height, three), firstThree);
        transform.Apply(new RgbImage(width, height, one), fourth);
    }

    /// <summary>a · b / 255, rounded.</summary>
    private static byte Product(byte a, byte b)
    {
        int product = a * b + 128;
        return (byte)((product + (product >> 8)) >> 8);
    }
}
