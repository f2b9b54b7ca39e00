using System.Globalization;

namespace ClipDistributed.Dashboard.Shown;

/// <summary>Numbers and times as the pages show them, in the invariant culture.</summary>
internal static class Quantity
{
    public const string None = "–";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>As in <c>12,345</c>.</summary>
    public static string Whole(double value) => value.ToString("N0", Culture);

    /// <summary>As in <c>83.4</c>, <c>9,500</c>, <c>12.5 k</c>, <c>3.2 M</c>.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => Plain(value / 1e9) + " G",
        >= 1e6 => Plain(value / 1e6) + " M",
        >= 1e4 => Plain(value / 1e3) + " k",
        >= 1e3 => Whole(value),
        _ => Plain(value),
    };

    /// <summary>As in <c>3.142</c>.</summary>
    public static string Loss(double value) => double.IsFinite(value) ? value.ToString("0.000", Culture) : value.ToString(Culture);

    /// <summary>As in <c>97.3 %</c>.</summary>
    public static string Percent(double share) => double.IsFinite(share) ? (100 * share).ToString("0.0", Culture) + " %" : None;

    /// <summary>As in <c>15.6 GiB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 40 => Plain(bytes / (double)(1L << 40)) + " TiB",
        >= 1L << 30 => Plain(bytes / (double)(1L << 30)) + " GiB",
        >= 1L << 20 => Plain(bytes / (double)(1L << 20)) + " MiB",
        _ => Plain(bytes / 1024.0) + " KiB",
    };

    /// <summary>As in <c>42 s</c>, <c>3 min 20 s</c>, <c>2 h 5 min</c>, <c>3 d 4 h</c>.</summary>
    public static string Duration(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.MaxValue.TotalSeconds / 2)) switch
    {
        { TotalSeconds: < 60 } span => $"{(int)span.TotalSeconds} s",
        { TotalMinutes: < 60 } span => $"{span.Minutes} min {span.Seconds} s",
        { TotalHours: < 48 } span => $"{(int)span.TotalHours} h {span.Minutes} min",
        var span => $"{Whole(span.Days)} d {span.Hours} h",
    };

    /// <summary>As in <c>12 ms</c>, <c>0.34 s</c>, <c>4.2 s</c>; longer ones as <see cref="Duration"/>.</summary>
    public static string Seconds(double seconds) => seconds switch
    {
        <= 0 => "0 s",
        < 0.0995 => (1000 * seconds).ToString("0.#", Culture) + " ms",
        < 0.995 => seconds.ToString("0.00", Culture) + " s",
        < 9.95 => seconds.ToString("0.0", Culture) + " s",
        _ => Duration(seconds),
    };

    /// <summary>As in <c>42 s ago</c>; only the largest unit counts.</summary>
    public static string Age(DateTimeOffset moment, DateTimeOffset now) => (now - moment) switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalSeconds: < 60 } span => $"{(int)span.TotalSeconds} s",
        { TotalMinutes: < 60 } span => $"{(int)span.TotalMinutes} min",
        { TotalHours: < 48 } span => $"{(int)span.TotalHours} h",
        var span => $"{Whole(span.Days)} d",
    };

    private static string Plain(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.#", Culture);
}
