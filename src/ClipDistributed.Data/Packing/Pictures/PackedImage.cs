using System.Runtime.InteropServices;
using ClipDistributed.Data.Images;
using SkiaSharp;

namespace ClipDistributed.Data.Packing.Pictures;

/// <summary>
/// Makes the stored bytes of a picture: those of the file, unless it must be turned, made smaller, laid upon a background or written in
/// another format.
/// </summary>
internal sealed class PackedImage(int? resize, Background? background, int quality, long maxPixels)
{
    /// <summary>Decodes the whole file, so that what is stored is sound.</summary>
    /// <returns>
    /// A JPEG, PNG, WebP or GIF. What was changed is a JPEG if it was one, else a PNG; without a background alpha is then dropped, as
    /// training does.
    /// </returns>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="isTransparent">A pixel shows what lies below it.</param>
    /// <exception cref="DamagedImageException">No picture that training could use.</exception>
    public byte[] Of(byte[] file, out bool isTransparent)
    {
        if (ImageFormats.Of(file) is ImageFormat.Bmp or ImageFormat.Tiff or ImageFormat.Avif or ImageFormat.Jpeg2000)
            file = PngOf(ImageDecoder.DecodeWithAlpha(file, maxPixels));
        var header = ImageDecoder.Header(file, maxPixels);
        bool laid = header.HasAlpha && background is not null;
        RgbImage image;
        if (header.HasAlpha)
        {
            var (width, height, _, rgba) = ImageDecoder.DecodeWithAlpha(file, maxPixels);
            isTransparent = IsTransparent(rgba);
            image = laid ? background!.Value.Below(width, height, rgba) : ImageDecoder.Decode(file, maxPixels);
        }
        else
        {
            isTransparent = false;
            image = ImageDecoder.Decode(file, maxPixels);
        }
        bool turned = header.Origin is not (SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default);
        bool smaller = resize < Math.Min(header.Width, header.Height);
        if (!turned && !smaller && !laid)
            return file;
        if (smaller)
            image = Smaller(image);
        if (turned)
            image = Orientation.Apply(image, header.Origin);
        return Encode(image, header.Format == "JPEG");
    }

    private static bool IsTransparent(ReadOnlySpan<byte> rgba)
    {
        for (int i = 3; i < rgba.Length; i += 4)
        {
            if (rgba[i] != 255)
                return true;
        }
        return false;
    }

    /// <summary>What other trainers cannot read, or only slowly, is stored as PNG; its alpha stays.</summary>
    private static byte[] PngOf(RgbaImage image)
    {
        var alpha = image.HasAlpha ? SKAlphaType.Unpremul : SKAlphaType.Opaque;
        using var stored = SKImage.FromPixelCopy(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, alpha), image.Pixels);
        using var encoded = stored.Encode(SKEncodedImageFormat.Png, 100);
        return encoded.ToArray();
    }

    private RgbImage Smaller(RgbImage image)
    {
        int size = resize!.Value;
        // As torchvision's Resize: the longer side is rounded down.
        var (width, height) = image.Width <= image.Height
            ? (size, (int)((long)size * image.Height / image.Width))
            : ((int)((long)size * image.Width / image.Height), size);
        byte[] planes = new byte[3 * width * height], pixels = new byte[3 * width * height];
        ImageResizer.Resize(image, width, height, ResampleFilter.Bicubic, planes);
        for (int i = 0; i < width * height; i++)
            (pixels[i * 3], pixels[i * 3 + 1], pixels[i * 3 + 2]) = (planes[i], planes[width * height + i], planes[2 * width * height + i]);
        return new RgbImage(width, height, pixels);
    }

    private byte[] Encode(RgbImage image, bool asJpeg)
    {
        uint[] pixels = new uint[image.Width * image.Height]; // 0xAABBGGRR
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = 0xff000000u | (uint)image.Pixels[i * 3 + 2] << 16 | (uint)image.Pixels[i * 3 + 1] << 8 | image.Pixels[i * 3];
        using var stored = SKImage.FromPixelCopy(
            new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), MemoryMarshal.AsBytes<uint>(pixels));
        using var encoded = stored.Encode(asJpeg ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, quality);
        return encoded.ToArray();
    }
}
