using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ClipDistributed.Data.Images;

/// <summary>Weighs whole rows of bytes into one row.</summary>
internal static class VerticalPass
{
    /// <summary>Rows are padded to a multiple of this many bytes.</summary>
    public const int RowAlignment = 32;

    private const int Half = 1 << (ResampleAxis.Precision - 1);

    /// <param name="rows">Rows of <paramref name="stride"/> bytes; the first one belongs to the first weight.</param>
    /// <param name="stride">A multiple of <see cref="RowAlignment"/>.</param>
    /// <param name="weights">One for each row.</param>
    /// <param name="result">One row, <paramref name="stride"/> bytes.</param>
    public static void Vector(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> result)
    {
        ref byte source = ref MemoryMarshal.GetReference(rows[..(stride * weights.Length)]);
        ref byte target = ref MemoryMarshal.GetReference(result[..stride]);
        var half = Vector256.Create(Half);
        for (int column = 0; column < stride; column += RowAlignment)
        {
            Vector256<int> a = half, b = half, c = half, d = half;
            nuint offset = (nuint)column;
            foreach (int weight in weights)
            {
                var w = Vector256.Create(weight);
                var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref source, offset));
                var (first, second) = Vector256.Widen(low);
                var (third, fourth) = Vector256.Widen(high);
                a += first.AsInt32() * w;
                b += second.AsInt32() * w;
                c += third.AsInt32() * w;
                d += fourth.AsInt32() * w;
                offset += (nuint)stride;
            }
            var bytes = Vector256.Narrow(Vector256.Narrow(Clip(a), Clip(b)).AsUInt16(), Vector256.Narrow(Clip(c), Clip(d)).AsUInt16());
            bytes.StoreUnsafe(ref target, (nuint)column);
        }
    }

    /// <summary>The same bytes without vectors.</summary>
    public static void Scalar(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> result)
    {
        for (int column = 0; column < stride; column++)
        {
            int sum = Half;
            for (int t = 0; t < weights.Length; t++)
                sum += rows[t * stride + column] * weights[t];
            result[column] = (byte)Math.Clamp(sum >> ResampleAxis.Precision, 0, 255);
        }
    }

    private static Vector256<int> Clip(Vector256<int> sum) =>
        Vector256.Min(
            Vector256.Max(Vector256.ShiftRightArithmetic(sum, ResampleAxis.Precision), Vector256<int>.Zero), Vector256.Create(255));
}
