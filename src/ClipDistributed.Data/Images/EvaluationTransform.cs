using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Data.Images;

/// <summary>
/// What OpenCLIP does to an image outside of training (open_clip/transform.py, image_transform with is_train false), without
/// the normalization.
/// </summary>
/// <param name="Size">Side of the result in pixels.</param>
/// <param name="Mode">How the shape is kept.</param>
/// <param name="Filter">The kernel.</param>
public sealed record EvaluationTransform(int Size, ResizeMode Mode = ResizeMode.Shortest, ResampleFilter Filter = ResampleFilter.Bicubic)
{
    /// <summary>As a model's config has it.</summary>
    public static EvaluationTransform Of(ModelFolderConfig config) => new(
        config.ModelCfg.VisionCfg.ImageSize,
        config.PreprocessCfg.ResizeMode switch { "squash" => ResizeMode.Squash, "longest" => ResizeMode.Longest, _ => ResizeMode.Shortest },
        config.PreprocessCfg.Interpolation == "bilinear" ? ResampleFilter.Bilinear : ResampleFilter.Bicubic);

    /// <param name="image">An image of any shape.</param>
    /// <param name="planes">[3, size, size], red, green, blue.</param>
    public void Apply(RgbImage image, Span<byte> planes)
    {
        planes = planes[..(3 * Size * Size)];
        var (width, height) = ResizedShape(image.Width, image.Height);
        var x = Window.Of(width, Size);
        var y = Window.Of(height, Size);
        if (x.Count < Size || y.Count < Size)
            planes.Clear();
        ImageResizer.Run(
            image,
            new PixelBox(0, 0, image.Width, image.Height),
            new AxisKey(image.Width, 0, image.Width, width, x.Skip, x.Count, Filter),
            new AxisKey(image.Height, 0, image.Height, height, y.Skip, y.Count, Filter),
            new PlanarTarget(planes, Size, Size, x.Pad, y.Pad));
    }

    /// <summary>The shape after the resize, before the crop or the padding.</summary>
    private (int Width, int Height) ResizedShape(int width, int height)
    {
        switch (Mode)
        {
            case ResizeMode.Squash:
                return (Size, Size);
            case ResizeMode.Longest:
                // As timm's ResizeKeepRatio: both sides by one ratio, rounded half to even.
                double ratio = Math.Max((double)width / Size, (double)height / Size);
                return (Math.Max(1, (int)Math.Round(width / ratio)), Math.Max(1, (int)Math.Round(height / ratio)));
            default:
                // As torchvision's Resize: the longer side is rounded down.
                return width <= height ? (Size, Longer(height, width)) : (Longer(width, height), Size);
        }
    }

    private int Longer(int longer, int shorter) => (int)((double)((long)Size * longer) / shorter);

    /// <summary>The part of one axis that is kept: cropped in the middle (half to even) or padded (the odd pixel behind).</summary>
    private readonly record struct Window(int Skip, int Count, int Pad)
    {
        public static Window Of(int resized, int size) => resized >= size
            ? new Window((int)Math.Round((resized - size) / 2.0), size, 0)
            : new Window(0, resized, (size - resized) / 2);
    }
}
