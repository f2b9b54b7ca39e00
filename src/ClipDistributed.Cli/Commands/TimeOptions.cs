using System.CommandLine;
using System.Globalization;

namespace ClipDistributed.Cli.Commands;

/// <summary>Options that take a moment: a time in UTC, or how long ago.</summary>
internal static class TimeOptions
{
    private const string Form = "a time in UTC as in 2026-01-31 or 2026-01-31T12:00Z, or how long ago as in 30m, 12h or 7d";

    private static readonly string[] Formats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'"];

    /// <param name="name">As in <c>--since</c>.</param>
    /// <param name="meaning">What it selects, without an end.</param>
    public static Option<DateTimeOffset?> Create(string name, string meaning) => new(name)
    {
        Description = $"{meaning}: {Form}.",
        HelpName = "time",
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            if (Parse(given, DateTimeOffset.UtcNow) is { } time)
                return time;
            result.AddError($"{name} is '{given}'; use {Form}.");
            return null;
        },
    };

    /// <returns>Null: it is neither.</returns>
    internal static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            return null;
        double? days = text[^1] switch
        {
            'm' => count / 1440.0,
            'h' => count / 24.0,
            'd' => count,
            _ => null,
        };
        return days is { } ago && ago <= (now - DateTimeOffset.UnixEpoch).TotalDays ? now - TimeSpan.FromDays(ago) : null;
    }
}
