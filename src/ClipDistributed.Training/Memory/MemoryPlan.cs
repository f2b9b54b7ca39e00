using System.Globalization;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.Memory;

/// <summary>What a replica will have used at its peak of one memory, the host's or its GPU's, by what uses it.</summary>
/// <param name="Parts">Add up to <see cref="Total"/>, bytes each.</param>
public sealed record MemoryPlan(IReadOnlyList<MemoryPart> Parts)
{
    public long Total => Parts.Sum(part => part.Bytes);

    /// <summary>The largest parts first, as in <c>weights 1.5 GiB + gradients 1.5 GiB</c>.</summary>
    public override string ToString() =>
        string.Join(" + ", Parts.OrderByDescending(part => part.Bytes).Select(part => $"{part.Name} {Show(part.Bytes)}"));

    /// <summary>As in <c>1.5 GiB</c>.</summary>
    public static string Show(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0} MiB");
}
