using System.Globalization;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Jobs;

/// <summary>A checkpoint as an address names it: <c>demo-1</c> for the newest one, <c>demo-1@1200</c>, or <c>demo-1@2/1200</c> where
/// several attempts have that step.</summary>
internal static class ForkText
{
    /// <returns>Null: it names none.</returns>
    public static ForkSource? Parse(string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
            return null;
        int at = given.LastIndexOf('@');
        if (at < 0)
            return new ForkSource { RunId = given };
        string[] place = given[(at + 1)..].Split('/');
        long step = Number(place[^1]), attempt = place.Length == 2 ? Number(place[0]) : 0;
        return at > 0 && step > 0 && attempt is >= 0 and <= int.MaxValue && place.Length <= 2 && (place.Length == 1 || attempt > 0)
            ? new ForkSource { RunId = given[..at], Step = step, Attempt = (int)attempt } : null;
    }

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1;
}
