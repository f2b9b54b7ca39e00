using System.Globalization;

namespace ClipDistributed.Contracts.Runs;

/// <summary>Moments as files, programs and people read them: always UTC, whatever the machine's zone.</summary>
public static class UtcTime
{
    /// <summary>ISO 8601, as in <c>2026-11-30T03:04:03.021Z</c>.</summary>
    public static string Iso(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>As in <c>2026-11-30 03:04:03Z</c>; the date too, since a run may take weeks.</summary>
    public static string Readable(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
