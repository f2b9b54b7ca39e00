using System.Globalization;

namespace ClipDistributed.Reporting.Numbers;

/// <summary>Numbers as people read them, in the invariant culture.</summary>
internal static class Figures
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Such as 950, 12.5k, 3M.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => Plain(value / 1e9) + "B",
        >= 1e6 => Plain(value / 1e6) + "M",
        >= 1e3 => Plain(value / 1e3) + "k",
        _ => Plain(value),
    };

    /// <summary>Such as 19.75 MB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1_000_000_000 => Plain(bytes / 1e9) + " GB",
        >= 1_000_000 => Plain(bytes / 1e6) + " MB",
        _ => Plain(bytes / 1e3) + " kB",
    };

    /// <summary>Such as 3, 2.75, 204.8.</summary>
    public static string Plain(double value) => value.ToString(Math.Abs(value) >= 100 ? "0.#" : "0.##", Culture);

    /// <summary>Such as 3.142.</summary>
    public static string Fixed(double value) => double.IsFinite(value) ? value.ToString("0.000", Culture) : "–";

    /// <summary>Such as 5e-4.</summary>
    public static string Scientific(double value) => value == 0 ? "0" : value.ToString("0.##e-0", Culture);

    public static string Whole(double value) => value.ToString("N0", Culture);

    public static string Percent(double share) => double.IsFinite(share) ? (100 * share).ToString("0.0", Culture) + " %" : "–";

    /// <summary>Such as 42s, 3m 32s, 2h 05m.</summary>
    public static string Duration(double seconds) => TimeSpan.FromSeconds(seconds) switch
    {
        { TotalMinutes: < 1 } => seconds.ToString("0.#", Culture) + "s",
        { TotalHours: < 1 } span => $"{span.Minutes}m {span.Seconds:00}s",
        var span => $"{(int)span.TotalHours}h {span.Minutes:00}m",
    };

    /// <summary>Exponential moving average over about this many values on both sides, so that the curve does not lag behind.</summary>
    public static double[] Smooth(IReadOnlyList<double> values, double span)
    {
        double keep = 1 - 1 / Math.Max(1, span);
        var sums = new double[values.Count];
        var weights = new double[values.Count];
        Sweep(Enumerable.Range(0, values.Count));
        Sweep(Enumerable.Range(0, values.Count).Reverse());
        return [.. sums.Zip(weights, (sum, weight) => sum / weight)];

        void Sweep(IEnumerable<int> order)
        {
            double sum = 0, weight = 0;
            foreach (int i in order)
            {
                sum = keep * sum + values[i];
                weight = keep * weight + 1;
                sums[i] += sum;
                weights[i] += weight;
            }
        }
    }
}
