using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ClipDistributed.Data.Images;

/// <summary>Resamples rows of RGB, 3 bytes a pixel, into rows of 4 bytes a pixel, the fourth 0.</summary>
internal static class HorizontalPass
{
    /// <summary>Bytes that the vector form may read behind a row.</summary>
    public const int ReadAhead = 16;

    private const int Half = 1 << (ResampleAxis.Precision - 1);

    /// <param name="row">
    /// The source row from its first pixel; <see cref="ReadAhead"/> more bytes must be readable after its pixels.
    /// </param>
    /// <param name="axis">Weights along x.</param>
    /// <param name="result">At least 4 · axis.Count bytes.</param>
    public static void Vector(ReadOnlySpan<byte> row, ResampleAxis axis, Span<byte> result)
    {
        ref byte source = ref MemoryMarshal.GetReference(row);
        ref int weights = ref MemoryMarshal.GetReference(axis.Weights);
        int count = axis.Count, stride = axis.Stride;
        var starts = axis.Starts[..count];
        var taps = axis.Taps[..count];
        var pixels = MemoryMarshal.Cast<byte, uint>(result)[..count];
        // Four pixels of three bytes become four of four; the fourth lane stays 0.
        var spread = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);
        for (int i = 0; i < count; i++)
        {
            nuint pixel = (nuint)(starts[i] * 3), weight = (nuint)(i * stride);
            Vector512<int> sum = default;
            for (int t = 0; t < taps[i]; t += 4, pixel += 12, weight += 4)
            {
                var four = Vector128.Shuffle(Vector128.LoadUnsafe(ref source, pixel), spread);
                sum += Widen(four) * Spread(Vector128.LoadUnsafe(ref weights, weight));
            }
            var half = sum.GetLower() + sum.GetUpper();
            var rounded = Vector128.ShiftRightArithmetic(
                half.GetLower() + half.GetUpper() + Vector128.Create(Half), ResampleAxis.Precision);
            var words = Vector128.NarrowWithSaturation(Vector128.Max(rounded, Vector128<int>.Zero).AsUInt32(), default);
            pixels[i] = Vector128.NarrowWithSaturation(words, default).AsUInt32()[0];
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
                result[i * 4 + channel] = (byte)Math.Clamp(sum >> ResampleAxis.Precision, 0, 255);
            }
            result[i * 4 + 3] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector128<byte> bytes)
    {
        if (Vector512.IsHardwareAccelerated)
            return Vector512.WidenLower(Vector512.WidenLower(bytes.ToVector256Unsafe().ToVector512Unsafe())).AsInt32();
        var words = Vector256.WidenLower(bytes.ToVector256Unsafe());
        return Vector512.Create(Vector256.WidenLower(words), Vector256.WidenUpper(words)).AsInt32();
    }

    /// <summary>Each of four weights, four times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Spread(Vector128<int> four)
    {
        if (Vector512.IsHardwareAccelerated)
            return Vector512.Shuffle(
                four.ToVector256Unsafe().ToVector512Unsafe(), Vector512.Create(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));
        var twice = four.ToVector256Unsafe();
        return Vector512.Create(
            Vector256.Shuffle(twice, Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1)),
            Vector256.Shuffle(twice, Vector256.Create(2, 2, 2, 2, 3, 3, 3, 3)));
    }
}
