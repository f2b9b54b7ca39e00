using System.Collections.Concurrent;

namespace ClipDistributed.Data.Images;

/// <summary>Weights of sizes seen before. Data sets repeat few sizes, so it is simply emptied when it grows past 16 MiB.</summary>
internal static class ResampleAxisCache
{
    private const long MaxWeights = 4 << 20;
    private static readonly ConcurrentDictionary<AxisKey, ResampleAxis> Axes = new();
    private static long weights;

    public static ResampleAxis Get(AxisKey key)
    {
        if (Axes.TryGetValue(key, out var known))
            return known;
        var axis = ResampleAxis.Compute(key);
        if (Interlocked.Add(ref weights, axis.Weights.Length) > MaxWeights)
        {
            Axes.Clear();
            Interlocked.Exchange(ref weights, axis.Weights.Length);
        }
        Axes[key] = axis;
        return axis;
    }
}
