using System.CommandLine;
using System.Globalization;

namespace ClipDistributed.Cli.Commands;

/// <summary>Options that take a moment: a time in UTC, or how long ago. They mean the same with every command.</summary>
internal static class TimeOptions
{
    private const string Form = $"a time in UTC as in 2026-01-31 or 2026-01-31T12:00Z, or how long ago as in {ShortTime.Form}";

    private static readonly string[] Formats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'"];

    /// <param name="what">That it selects, as in <c>runs submitted</c>.</param>
    public static Option<DateTimeOffset?> Since(string what) => Create("--since", $"Only {what} then or later");

    /// <inheritdoc cref="Since"/>
    public static Option<DateTimeOffset?> Before(string what) => Create("--before", $"Only {what} earlier");

    private static Option<DateTimeOffset?> Create(string name, string meaning) => new(name)
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
    internal static DateTimeOffset? Parse(string text, DateTimeOffset now) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : now - ShortTime.Parse(text);
}
