using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Images;

/// <summary>
/// The crop of torchvision's RandomResizedCrop (transforms.py, get_params; Szegedy et al., arXiv 1409.4842): an area of
/// [low, high] of the image and a shape of 3/4 to 4/3, anywhere it fits; after ten misses the largest centre crop of an allowed shape.
/// </summary>
/// <remarks>
/// Order of the words, part of <c>order_version</c> 1. Each attempt: one for the area, one for the shape; the attempt that fits: one
/// more for the top, one for the left. The centre crop takes none.
/// </remarks>
public static class RandomCrop
{
    private const int Attempts = 10;
    private const double MinRatio = 3.0 / 4.0, MaxRatio = 4.0 / 3.0;

    // ln(4/3) = -ln(3/4).
    private const double LogMaxRatio = 0.28768207245178093;

    /// <param name="width">Of the image, at least 1.</param>
    /// <param name="height">Of the image, at least 1.</param>
    /// <param name="low">Smallest part of the area, in (0, 1].</param>
    /// <param name="high">Largest part of the area, in [low, 1].</param>
    /// <param name="random">Advances by the words used.</param>
    /// <returns>At least 1x1 and inside the image.</returns>
    public static PixelBox Draw(int width, int height, double low, double high, ref PhiloxSequence random)
    {
        double area = (double)width * height;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double wanted = area * (low + (high - low) * random.NextDouble());
            double ratio = Exp(LogMaxRatio * (2 * random.NextDouble() - 1));
            int w = (int)Math.Round(Math.Sqrt(wanted * ratio));
            int h = (int)Math.Round(Math.Sqrt(wanted / ratio));
            if (w < 1 || w > width || h < 1 || h > height)
                continue;
            int top = Below(height - h + 1, ref random);
            return new PixelBox(Below(width - w + 1, ref random), top, w, h);
        }
        return Centre(width, height);
    }

    private static PixelBox Centre(int width, int height)
    {
        double ratio = (double)width / height;
        int w = ratio > MaxRatio ? (int)Math.Round(height * MaxRatio) : width;
        int h = ratio < MinRatio ? (int)Math.Round(width / MinRatio) : height;
        return new PixelBox((width - w) / 2, (height - h) / 2, w, h);
    }

    /// <summary>⌊word · limit / 2³²⌋.</summary>
    private static int Below(int limit, ref PhiloxSequence random) => (int)((ulong)random.NextWord() * (ulong)limit >> 32);

    // e^x for |x| < 0.3 by its series. The C library's differs in the last bit from host to host; sums, products and square
    // roots are the same everywhere.
    private static double Exp(double x)
    {
        double sum = 1;
        for (int n = 14; n > 0; n--)
            sum = 1 + x / n * sum;
        return sum;
    }
}
