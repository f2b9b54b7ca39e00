using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Images;
using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>An encoded PNG with the size at which it is meant to be shown: half its pixels, so that it is crisp on dense screens.</summary>
/// <param name="Title">What it shows, in a few words.</param>
/// <param name="Png">The bytes.</param>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
public sealed record Picture(string Title, byte[] Png, int Width, int Height)
{
    private const int Quality = 92; // of JPEG and WebP

    /// <summary>By which a file's format is chosen.</summary>
    public static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".webp"];

    /// <summary>Pixels per unit of length of a drawing.</summary>
    public const int Density = 2;

    /// <summary>Draws a picture of this size; the canvas counts in CSS pixels.</summary>
    public static Picture Draw(string title, int width, int height, SKColor ground, Action<SKCanvas> draw)
    {
        using var surface =
            SKSurface.Create(new SKImageInfo(width * Density, height * Density, SKColorType.Rgba8888, SKAlphaType.Opaque))
            ?? throw new InvalidOperationException(
                $"There is not enough memory for a picture of {width * Density} x {height * Density} pixels."
            );
        surface.Canvas.Clear(ground);
        surface.Canvas.Scale(Density);
        draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return new Picture(title, png.ToArray(), width, height);
    }

    /// <summary>The bytes of a file of this name, which has one of the <see cref="Endings"/>.</summary>
    /// <exception cref="BadInputException">That format holds no picture of this size.</exception>
    public byte[] Encode(string file)
    {
        SKEncodedImageFormat? other = Path.GetExtension(file) switch
        {
            ".png" => null,
            ".jpg" or ".jpeg" => SKEncodedImageFormat.Jpeg,
            ".webp" => SKEncodedImageFormat.Webp,
            var ending => throw new ArgumentException($"No picture ends with '{ending}'.", nameof(file)),
        };
        if (other is not { } format)
            return Png;
        using var image = SKImage.FromEncodedData(Png);
        using var encoded =
            image.Encode(format, Quality)
            ?? throw new BadInputException(
                $"{file}: this format holds no picture of {image.Width} x {image.Height} pixels; end it with .png."
            );
        return encoded.ToArray();
    }

    /// <summary>Decodes bytes of any format and puts them into the box, keeping proportions. False if they cannot be decoded.</summary>
    public static bool Place(SKCanvas canvas, byte[] encoded, SKRect box)
    {
        using var image = SKImage.FromEncodedData(encoded);
        if (image is null)
            return false;
        Place(canvas, image, box);
        return true;
    }

    /// <summary>Puts decoded pixels into the box, keeping proportions.</summary>
    public static void Place(SKCanvas canvas, RgbImage pixels, SKRect box)
    {
        byte[] rgba = new byte[pixels.Width * pixels.Height * 4];
        for (int i = 0; i < pixels.Width * pixels.Height; i++)
            (rgba[i * 4], rgba[i * 4 + 1], rgba[i * 4 + 2], rgba[i * 4 + 3]) = (
                pixels.Pixels[i * 3],
                pixels.Pixels[i * 3 + 1],
                pixels.Pixels[i * 3 + 2],
                255
            );
        using var image = SKImage.FromPixelCopy(
            new SKImageInfo(pixels.Width, pixels.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
        Place(canvas, image, box);
    }

    private static void Place(SKCanvas canvas, SKImage image, SKRect box)
    {
        float scale = Math.Min(box.Width / image.Width, box.Height / image.Height);
        var target = SKRect.Create(
            box.MidX - scale * image.Width / 2, box.MidY - scale * image.Height / 2, scale * image.Width, scale * image.Height);
        // Enlarged pixels stay pixels; reduced ones are averaged.
        var sampling = scale * Density >= 1
            ? new SKSamplingOptions(SKFilterMode.Nearest)
            : new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear);
        canvas.DrawImage(image, target, sampling);
    }
}
