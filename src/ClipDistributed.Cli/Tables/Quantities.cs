using System.Globalization;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Tables;

/// <summary>Times and sizes as people read them.</summary>
internal static class Quantities
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>As in <c>3 min ago</c>; clocks that differ a little give <c>now</c>. A dash where there is no time.</summary>
    public static string Ago(Timestamp? then, DateTimeOffset now)
    {
        if (then is null)
            return "-";
        var past = now - then.ToDateTimeOffset();
        return past switch
        {
            { TotalSeconds: < 1 } => "now",
            { TotalMinutes: < 1 } => $"{(int)past.TotalSeconds} s ago",
            { TotalHours: < 1 } => $"{(int)past.TotalMinutes} min ago",
            { TotalDays: < 1 } => $"{(int)past.TotalHours} h ago",
            _ => $"{(int)past.TotalDays} d ago",
        };
    }

    /// <summary>As in <c>2026-11-30 03:04:03Z</c>; a dash where there is no time.</summary>
    public static string Moment(Timestamp? then) => then is null ? "-" : UtcTime.Readable(then.ToDateTimeOffset());

    /// <summary>As in <c>1.2 s</c>, <c>12 min 3 s</c> and <c>5 h 12 min</c>.</summary>
    public static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return time switch
        {
            { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds * 10) / 10:0.0} s"),
            { TotalHours: < 1 } => $"{(int)time.TotalMinutes} min {time.Seconds} s",
            _ => $"{(int)time.TotalHours} h {time.Minutes} min",
        };
    }

    /// <summary>As in <c>1.5 GiB</c>; a dash where it is not known.</summary>
    public static string Bytes(long bytes)
    {
        if (bytes <= 0)
            return "-";
        int unit = Math.Min((int)Math.Log(bytes, 1024), ByteUnits.Length - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / Math.Pow(1024, unit):0.#} {ByteUnits[unit]}");
    }
}
