using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Images;

/// <summary>
/// What OpenCLIP does to an image in training (open_clip/transform.py, image_transform with is_train true), without the
/// normalization: a random crop, resized with the bicubic filter, mirrored if wanted.
/// </summary>
/// <param name="Size">Side of the result in pixels.</param>
/// <param name="ScaleLow">Smallest part of the image's area that a crop keeps, in (0, 1].</param>
/// <param name="ScaleHigh">Largest part, in [ScaleLow, 1].</param>
/// <param name="Flip">Mirrors half of the images from left to right.</param>
public sealed record TrainingTransform(int Size, double ScaleLow = 0.9, double ScaleHigh = 1.0, bool Flip = false)
{
    /// <param name="image">An image of any shape.</param>
    /// <param name="random">
    /// The sample's own draws. Used: the words of <see cref="RandomCrop"/>, then, with Flip only, one whose highest bit 0 means mirror.
    /// </param>
    /// <param name="planes">[3, size, size], red, green, blue.</param>
    public void Apply(RgbImage image, ref PhiloxSequence random, Span<byte> planes)
    {
        planes = planes[..(3 * Size * Size)];
        var crop = RandomCrop.Draw(image.Width, image.Height, ScaleLow, ScaleHigh, ref random);
        ImageResizer.ResizeCrop(image, crop, Size, Size, ResampleFilter.Bicubic, planes);
        if (Flip && random.NextWord() < 0x8000_0000)
        {
            for (int row = 0; row < planes.Length; row += Size)
                planes.Slice(row, Size).Reverse();
        }
    }
}
