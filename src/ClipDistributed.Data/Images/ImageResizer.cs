using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ClipDistributed.Contracts.Errors;

[assembly: InternalsVisibleTo("ClipDistributed.Data.Tests")]

namespace ClipDistributed.Data.Images;

/// <summary>
/// Pillow's resize of 8-bit RGB, to the byte: an antialiased horizontal pass, rounded to 8 bits, then a vertical pass, rounded
/// again (Pillow 11, src/libImaging/Resample.c). Only rows and columns that the result needs are computed.
/// </summary>
public static class ImageResizer
{
    /// <summary>Resizes the whole image.</summary>
    /// <param name="planes">[3, height, width], red, green, blue.</param>
    public static void Resize(RgbImage image, int width, int height, ResampleFilter filter, Span<byte> planes) =>
        Resize(image, new SourceBox(0, 0, image.Width, image.Height), width, height, filter, planes);

    /// <summary>Resizes a box of the image; the filter reads pixels around the box where there are any.</summary>
    /// <param name="planes">[3, height, width], red, green, blue.</param>
    public static void Resize(RgbImage image, SourceBox box, int width, int height, ResampleFilter filter, Span<byte> planes)
    {
        if (
            !(
                box.Left >= 0
                && box.Top >= 0
                && box.Right <= image.Width
                && box.Bottom <= image.Height
                && box.Left < box.Right
                && box.Top < box.Bottom
            )
        )
            throw new ArgumentOutOfRangeException(
                nameof(box), box, $"The box must lie inside the {image.Width}x{image.Height} image and must not be empty.");
        var horizontal = new AxisKey(image.Width, box.Left, box.Right, width, 0, width, filter);
        var vertical = new AxisKey(image.Height, box.Top, box.Bottom, height, 0, height, filter);
        Run(image, new PixelBox(0, 0, image.Width, image.Height), horizontal, vertical, new PlanarTarget(planes, width, height));
    }

    /// <summary>Cuts the crop out and resizes it: pixels outside of it play no part.</summary>
    /// <param name="planes">[3, height, width], red, green, blue.</param>
    public static void ResizeCrop(RgbImage image, PixelBox crop, int width, int height, ResampleFilter filter, Span<byte> planes)
    {
        var horizontal = new AxisKey(crop.Width, 0, crop.Width, width, 0, width, filter);
        var vertical = new AxisKey(crop.Height, 0, crop.Height, height, 0, height, filter);
        Run(image, crop, horizontal, vertical, new PlanarTarget(planes, width, height));
    }

    /// <param name="crop">What the two axes are counted in.</param>
    /// <param name="vectorized">Whether vectors are used (null: where the machine has AVX2); the bytes are equal.</param>
    internal static void Run(RgbImage image, PixelBox crop, AxisKey x, AxisKey y, PlanarTarget target, bool? vectorized = null)
    {
        // The vector pass reads without bounds checks.
        bool inside = crop is { Left: >= 0, Top: >= 0, Width: > 0, Height: > 0 } && crop.Left + crop.Width <= image.Width
            && crop.Top + crop.Height <= image.Height;
        if (!inside || image.Pixels.Length < image.Width * image.Height * 3)
            throw new ArgumentException(
                $"{crop} does not lie inside the {image.Width}x{image.Height} image of {Counted.Plain(image.Pixels.Length, "byte")}.",
                nameof(crop)
            );
        bool vectors = vectorized ?? Vector256.IsHardwareAccelerated;
        ResampleAxis horizontal = ResampleAxisCache.Get(x), vertical = ResampleAxisCache.Get(y);
        int firstRow = vertical.SourceFirst, rowCount = vertical.SourceEnd - firstRow, columns = horizontal.Count;
        int stride = (columns * 4 + VerticalPass.RowAlignment - 1) / VerticalPass.RowAlignment * VerticalPass.RowAlignment;
        int rowBytes = crop.Width * 3;
        // The rows between the passes, one row of the result, one padded row of the source.
        byte[] rented = ArrayPool<byte>.Shared.Rent(stride * (rowCount + 1) + rowBytes + HorizontalPass.ReadAhead);
        var between = rented.AsSpan(0, stride * rowCount);
        var result = rented.AsSpan(stride * rowCount, stride);
        var padded = rented.AsSpan(stride * (rowCount + 1), rowBytes + HorizontalPass.ReadAhead);

        for (int row = 0; row < rowCount; row++)
        {
            var source = image.Pixels.AsSpan(((crop.Top + firstRow + row) * image.Width + crop.Left) * 3);
            var output = between.Slice(row * stride, stride);
            if (!vectors)
            {
                HorizontalPass.Scalar(source, horizontal, output);
                continue;
            }
            if (source.Length < padded.Length)
            {
                source[..rowBytes].CopyTo(padded);
                source = padded;
            }
            HorizontalPass.Vector(source, horizontal, output);
        }
        for (int row = 0; row < vertical.Count; row++)
        {
            var rows = between[((vertical.Starts[row] - firstRow) * stride)..];
            var weights = vertical.Weights.Slice(row * vertical.Stride, vertical.Taps[row]);
            if (vectors)
                VerticalPass.Vector(rows, stride, weights, result);
            else
                VerticalPass.Scalar(rows, stride, weights, result);
            PixelPacking.Split(result[..(columns * 4)], target.Row(0, row), target.Row(1, row), target.Row(2, row));
        }
        ArrayPool<byte>.Shared.Return(rented);
    }
}
