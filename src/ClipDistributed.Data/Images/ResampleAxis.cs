namespace ClipDistributed.Data.Images;

/// <summary>One axis of a resize: which part of which result is asked for.</summary>
/// <param name="SourceSize">Samples of the source that exist.</param>
/// <param name="Low">Where the source box begins, in samples.</param>
/// <param name="High">Where the source box ends.</param>
/// <param name="ResultSize">Samples of the full result.</param>
/// <param name="First">First sample of the result that is wanted (a centre crop wants the middle only).</param>
/// <param name="Count">How many are wanted.</param>
/// <param name="Filter">The kernel.</param>
internal readonly record struct AxisKey(int SourceSize, float Low, float High, int ResultSize, int First, int Count, ResampleFilter Filter);

/// <summary>
/// The weights of one axis in fixed point, equal to those of Pillow 11 (src/libImaging/Resample.c, precompute_coeffs and
/// normalize_coeffs_8bpc): computed in double, normalized to 1, scaled by 2²² and rounded half away from zero.
/// </summary>
internal sealed class ResampleAxis
{
    /// <summary>Fraction bits of a weight: 32 less 8 for the pixel and 2 for the overshoot of the kernel.</summary>
    public const int Precision = 22;

    private readonly int[] starts;
    private readonly int[] taps;
    private readonly int[] weights;

    private ResampleAxis(int[] starts, int[] taps, int[] weights, int stride)
    {
        (this.starts, this.taps, this.weights) = (starts, taps, weights);
        Stride = stride;
        SourceFirst = starts[0];
        SourceEnd = starts[^1] + taps[^1];
    }

    public int Count => starts.Length;

    /// <summary>Weights kept for each result, a multiple of 4; those past the taps are 0.</summary>
    public int Stride { get; }

    /// <summary>The first source sample that any result reads.</summary>
    public int SourceFirst { get; }

    /// <summary>One past the last source sample that any result reads.</summary>
    public int SourceEnd { get; }

    /// <summary>First source sample of each result.</summary>
    public ReadOnlySpan<int> Starts => starts;

    /// <summary>Source samples of each result.</summary>
    public ReadOnlySpan<int> Taps => taps;

    /// <summary>Count · Stride weights.</summary>
    public ReadOnlySpan<int> Weights => weights;

    public static ResampleAxis Compute(AxisKey key)
    {
        // The difference of two floats is a float, as in C; everything after it is double.
        double scale = (double)(key.High - key.Low) / key.ResultSize;
        if (key.Filter == ResampleFilter.Nearest)
            return Nearest(key, scale);
        double widening = Math.Max(scale, 1.0);
        double support = (key.Filter == ResampleFilter.Bicubic ? 2.0 : 1.0) * widening;
        int stride = ((int)Math.Ceiling(support) * 2 + 1 + 3) & ~3;
        var (starts, taps, weights) = (new int[key.Count], new int[key.Count], new int[key.Count * stride]);
        Span<double> exact = stride <= 512 ? stackalloc double[stride] : new double[stride];
        for (int i = 0; i < key.Count; i++)
        {
            double centre = key.Low + (key.First + i + 0.5) * scale;
            int start = Math.Max((int)(centre - support + 0.5), 0);
            int count = Math.Min((int)(centre + support + 0.5), key.SourceSize) - start;
            double sum = 0, inverse = 1.0 / widening;
            for (int t = 0; t < count; t++)
                sum += exact[t] = Kernel(key.Filter, (t + start - centre + 0.5) * inverse);
            for (int t = 0; t < count; t++)
            {
                double weight = (sum != 0 ? exact[t] / sum : exact[t]) * (1 << Precision);
                weights[i * stride + t] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }
            (starts[i], taps[i]) = (start, count);
        }
        return new ResampleAxis(starts, taps, weights, stride);
    }

    // As Pillow's ImagingScaleAffine (src/libImaging/Geometry.c), which adds up the steps and with them their rounding.
    private static ResampleAxis Nearest(AxisKey key, double scale)
    {
        const int stride = 4;
        var (starts, taps, weights) = (new int[key.Count], new int[key.Count], new int[key.Count * stride]);
        double at = key.Low + scale * 0.5;
        for (int i = 0; i < key.First + key.Count; i++, at += scale)
        {
            if (i < key.First)
                continue;
            (starts[i - key.First], taps[i - key.First]) = (Math.Min((int)at, key.SourceSize - 1), 1);
            weights[(i - key.First) * stride] = 1 << Precision;
        }
        return new ResampleAxis(starts, taps, weights, stride);
    }

    private static double Kernel(ResampleFilter filter, double x)
    {
        x = Math.Abs(x);
        if (filter == ResampleFilter.Bilinear)
            return x < 1.0 ? 1.0 - x : 0.0;
        const double a = -0.5;
        if (x < 1.0)
            return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
        return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
    }
}
