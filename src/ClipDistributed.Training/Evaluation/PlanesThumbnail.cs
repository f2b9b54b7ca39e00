using ClipDistributed.Data.Images;

namespace ClipDistributed.Training.Evaluation;

/// <summary>Small pictures of what a tower is shown.</summary>
internal static class PlanesThumbnail
{
    private const int ThumbnailSize = 96;

    /// <param name="planes">RGB, [3, size, size].</param>
    public static byte[] Png(byte[] planes, int size)
    {
        int pixels = size * size;
        byte[] rgb = new byte[3 * pixels];
        for (int i = 0; i < pixels; i++)
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = (planes[i], planes[pixels + i], planes[2 * pixels + i]);
        return Thumbnail.Png(new RgbImage(size, size, rgb), ThumbnailSize);
    }
}
