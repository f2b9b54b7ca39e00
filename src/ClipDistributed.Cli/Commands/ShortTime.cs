using System.Globalization;

namespace ClipDistributed.Cli.Commands;

/// <summary>Spans of time as people type them: one form for all options.</summary>
internal static class ShortTime
{
    /// <summary>For help and errors.</summary>
    public const string Form = "90s, 30m, 12h or 7d";

    /// <summary>As in <c>90s</c>, <c>1.5m</c>, <c>2h</c> and <c>1d</c>.</summary>
    /// <returns>Null: it is no such time, or longer than ten years.</returns>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count))
            return null;
        double seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => double.NaN };
        return count * seconds is <= 10 * 366 * 86400.0 and var all ? TimeSpan.FromSeconds(all) : null;
    }
}
