using System.Globalization;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>What all parts of a measurement found, and the line that it closes with.</summary>
internal sealed class ChaosTally
{
    private readonly List<double> kills = [];
    private readonly List<string> misses = [];
    private long recomputed, lost, repeated;

    /// <summary>Seconds from a SIGKILL of a replica until the next step.</summary>
    public void AddKills(IEnumerable<double> seconds) => kills.AddRange(seconds);

    /// <param name="miss">What did not hold; null: all did.</param>
    public void Add(string part, long recomputed, RunEnd end, string? miss)
    {
        this.recomputed = Math.Max(this.recomputed, recomputed);
        (lost, repeated) = (lost + end.Lost, repeated + end.Repeated);
        string? all = string.Join(", ", new[] { miss, end.Miss }.OfType<string>());
        if (all == "")
            return;
        misses.Add(part);
        Console.WriteLine($"{part}: OUT OF BOUNDS: {all}");
    }

    /// <summary>Parts in which something did not hold.</summary>
    public int Misses => misses.Count;

    /// <returns>The exit code: 1 where something did not hold.</returns>
    public int Close()
    {
        string recovery =
            kills.Count == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"SIGKILL recovery median {Median(kills):0.0} s, worst {kills.Max():0.0} s · "
                );
        Console.WriteLine(
            $"chaos: {recovery}recomputed at most {recomputed} · lost {lost} · repeated "
                + $"{repeated}{(Misses == 0 ? "" : $" · OUT OF BOUNDS: {string.Join(", ", misses)}")}"
        );
        return Misses == 0 ? 0 : 1;
    }

    public static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
