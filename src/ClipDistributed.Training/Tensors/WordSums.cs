using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tensors;

/// <summary>
/// Sums of the 32-bit words of tensors modulo 2⁶⁴, as fast as memory is read. On a GPU they are formed there, and read together: the
/// state is not copied to the host. The same on any device.
/// </summary>
internal static class WordSums
{
    /// <summary>Words that are summed at once: no span holds more than 2³¹ bytes, and a GPU widens them to 64 bits first.</summary>
    public const long Piece = 4 << 20;

    /// <param name="parts">float32, one-dimensional, all on one device.</param>
    public static IEnumerable<ulong> Of(IReadOnlyList<Tensor> parts)
    {
        using var scope = NewDisposeScope();
        return parts[0].device_type == DeviceType.CPU
            ? [.. parts.Select(OnHost)]
            : HostReads.ReadWords([.. parts.Select(OnDevice)]);
    }

    /// <returns>A scalar of int64 with the sum's bits.</returns>
    internal static Tensor OnDevice(Tensor part)
    {
        using var scope = NewDisposeScope();
        var sum = zeros([], ScalarType.Int64, part.device);
        foreach (var (start, count) in Pieces(part))
        {
            using var inner = NewDisposeScope();
            sum.add_(TensorOperators.SumOfWords(part.narrow(0, start, count)));
        }
        return sum.MoveToOuterDisposeScope();
    }

    private static ulong OnHost(Tensor part)
    {
        ulong sum = 0;
        foreach (var (start, count) in Pieces(part))
        {
            using var scope = NewDisposeScope();
            foreach (uint word in MemoryMarshal.Cast<byte, uint>(part.narrow(0, start, count).bytes))
                sum += word;
        }
        return sum;
    }

    private static IEnumerable<(long Start, long Count)> Pieces(Tensor part)
    {
        long all = part.numel();
        for (long start = 0; start < all; start += Piece)
            yield return (start, Math.Min(Piece, all - start));
    }
}
