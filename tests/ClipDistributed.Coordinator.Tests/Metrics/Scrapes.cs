using System.Globalization;
using System.Text.RegularExpressions;

namespace ClipDistributed.Coordinator.Tests.Metrics;

/// <summary>What a coordinator serves at /metrics.</summary>
internal static partial class Scrapes
{
    /// <returns>By name and labels, in the order of the labels' names; without those of the library.</returns>
    public static IReadOnlyDictionary<string, double> Parse(string text) => Line().Matches(text).ToDictionary(
        line => $"{line.Groups["name"].Value}{Labels(line.Groups["labels"].Value)}",
        line => double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture));

    private static string Labels(string text)
    {
        var own = Label().Matches(text).Select(label => label.Value).Where(label => !label.StartsWith("otel_", StringComparison.Ordinal));
        string joined = string.Join(',', own.Order(StringComparer.Ordinal));
        return joined == "" ? "" : $"{{{joined}}}";
    }

    [GeneratedRegex(@"^(?<name>clipd_\w+)(?:\{(?<labels>[^}]*)\})? (?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("\\w+=\"[^\"]*\"")]
    private static partial Regex Label();
}
