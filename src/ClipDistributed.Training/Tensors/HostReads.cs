using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tensors;

/// <summary>
/// Where a step waits for the device: it reads numbers here and nowhere else, so that all other work is only queued. Numbers
/// that are known at the same time are read together.
/// </summary>
internal static class HostReads
{
    [ThreadStatic]
    private static long count;

    /// <summary>How often this thread has waited.</summary>
    public static long Count => count;

    public static double Read(Tensor scalar) => Read([scalar])[0];

    /// <param name="scalars">On one device; float32 and float64 keep every digit.</param>
    public static double[] Read(params Tensor[] scalars)
    {
        count++;
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        // A meta tensor has a shape alone, so that a step can be walked through without a device: then the numbers mean nothing.
        if (scalars[0].device_type == DeviceType.META)
            return [.. scalars.Select(_ => 1.0)];
        var values = scalars.Length == 1 ? scalars[0].view(1) : stack([.. scalars.Select(scalar => scalar.to(ScalarType.Float64))]);
        return values.to(ScalarType.Float64).cpu().data<double>().ToArray();
    }

    /// <param name="scalars">Of int64, on one device.</param>
    /// <returns>Their bits.</returns>
    public static ulong[] ReadWords(params Tensor[] scalars)
    {
        count++;
        using var scope = NewDisposeScope();
        return [.. stack(scalars).cpu().data<long>().Select(word => unchecked((ulong)word))];
    }
}
