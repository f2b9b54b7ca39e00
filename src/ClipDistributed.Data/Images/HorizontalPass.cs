using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ClipDistributed.Data.Images;

/// <summary>Resamples rows of interleaved RGB into rows of three planes side by side: [red | green | blue], each axis.Count bytes.</summary>
internal static class HorizontalPass
{
    /// <summary>Bytes that the vector form may read behind a row.</summary>
    public const int ReadAhead = 16;

    private const int Half = 1 << (ResampleAxis.Precision - 1);

    /// <param name="row">The source row from its first pixel; <see cref="ReadAhead"/> more bytes must be readable behind its pixels.</param>
    /// <param name="axis">Weights along x.</param>
    /// <param name="result">At least 3 · axis.Count bytes.</param>
    public static void Vector(ReadOnlySpan<byte> row, ResampleAxis axis, Span<byte> result)
    {
        ref byte source = ref MemoryMarshal.GetReference(row);
        ref int weights = ref MemoryMarshal.GetReference(axis.Weights);
        int count = axis.Count, stride = axis.Stride;
        var starts = axis.Starts[..count];
        var taps = axis.Taps[..count];
        var red = result[..count];
        var green = result.Slice(count, count);
        var blue = result.Slice(2 * count, count);
        // Four pixels of three bytes become four of four; the fourth lane stays 0.
        var spread = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);
        for (int i = 0; i < count; i++)
        {
            nuint pixel = (nuint)(starts[i] * 3), weight = (nuint)(i * stride);
            Vector256<int> sum = default, sum2 = default;
            for (int t = 0; t < taps[i]; t += 4, pixel += 12, weight += 4)
            {
                var four = Vector128.Shuffle(Vector128.LoadUnsafe(ref source, pixel), spread);
                var (low, high) = Vector128.Widen(four);
                var w = Vector128.LoadUnsafe(ref weights, weight);
                var ww = Vector256.Create(w, w);
                sum += Widen(low) * Vector256.Shuffle(ww, Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1));
                sum2 += Widen(high) * Vector256.Shuffle(ww, Vector256.Create(2, 2, 2, 2, 3, 3, 3, 3));
            }
            sum += sum2;
            var rounded = Vector128.ShiftRightArithmetic(sum.GetLower() + sum.GetUpper() + Vector128.Create(Half), ResampleAxis.Precision);
            rounded = Vector128.Min(Vector128.Max(rounded, Vector128<int>.Zero), Vector128.Create(255));
            red[i] = (byte)rounded[0];
            green[i] = (byte)rounded[1];
            blue[i] = (byte)rounded[2];
        }
    }

    /// <summary>The same bytes without vectors.</summary>
    public static void Scalar(ReadOnlySpan<byte> row, ResampleAxis axis, Span<byte> result)
    {
        for (int i = 0; i < axis.Count; i++)
        {
            var pixels = row.Slice(axis.Starts[i] * 3, axis.Taps[i] * 3);
            var weights = axis.Weights.Slice(i * axis.Stride, axis.Taps[i]);
            for (int channel = 0; channel < 3; channel++)
            {
                int sum = Half;
                for (int t = 0; t < weights.Length; t++)
                    sum += pixels[t * 3 + channel] * weights[t];
                result[channel * axis.Count + i] = (byte)Math.Clamp(sum >> ResampleAxis.Precision, 0, 255);
            }
        }
    }

    private static Vector256<int> Widen(Vector128<ushort> eight) =>
        Vector256.Create(Vector128.WidenLower(eight), Vector128.WidenUpper(eight)).AsInt32();
}
