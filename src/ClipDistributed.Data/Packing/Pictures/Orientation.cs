using ClipDistributed.Data.Images;
using SkiaSharp;

namespace ClipDistributed.Data.Packing.Pictures;

/// <summary>Turns an image as its EXIF orientation says, so that it stands upright without it.</summary>
internal static class Orientation
{
    public static RgbImage Apply(RgbImage image, SKEncodedOrigin origin)
    {
        bool swapped =
            origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        var (width, height) = swapped ? (image.Height, image.Width) : (image.Width, image.Height);
        byte[] pixels = new byte[image.Pixels.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                // Where the upright pixel lies in the stored image.
                var (column, row) = origin switch
                {
                    SKEncodedOrigin.TopRight => (width - 1 - x, y),
                    SKEncodedOrigin.BottomRight => (width - 1 - x, height - 1 - y),
                    SKEncodedOrigin.BottomLeft => (x, height - 1 - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, width - 1 - x),
                    SKEncodedOrigin.RightBottom => (height - 1 - y, width - 1 - x),
                    SKEncodedOrigin.LeftBottom => (height - 1 - y, x),
                    _ => (x, y),
                };
                image.Pixels.AsSpan((row * image.Width + column) * 3, 3).CopyTo(pixels.AsSpan((y * width + x) * 3));
            }
        }
        return new RgbImage(width, height, pixels);
    }
}
