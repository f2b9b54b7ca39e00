using System.Globalization;
using System.Text;

namespace ClipDistributed.Cli.Tables;

/// <summary>How many columns of a terminal a text takes, and texts cut to so many.</summary>
internal static class CellText
{
    /// <summary>East Asian letters and emoji take two columns, marks above letters none.</summary>
    public static int Width(string text) => text.EnumerateRunes().Sum(Width);

    /// <summary>As it is, or cut with an ellipsis at its end.</summary>
    public static string Cut(string text, int width)
    {
        if (text.Length <= width / 2 || Width(text) <= width)
            return text;
        var cut = new StringBuilder();
        int used = 1; // the ellipsis
        foreach (var rune in text.EnumerateRunes())
        {
            used += Width(rune);
            if (used > width)
                break;
            cut.Append(rune);
        }
        return width < 1 ? "" : cut.Append('…').ToString();
    }

    public static string PadRight(string text, int width) => text + new string(' ', Math.Max(0, width - Width(text)));

    public static string PadLeft(string text, int width) => new string(' ', Math.Max(0, width - Width(text))) + text;

    private static int Width(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => IsWide(rune.Value) ? 2 : 1,
    };

    /// <summary>The blocks of Unicode's EastAsianWidth.txt that are W or F as a whole.</summary>
    private static bool IsWide(int code) =>
        code is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0x303E) or (>= 0x3041 and <= 0xA4CF and not (>= 0x4DC0 and <= 0x4DFF))
        or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6)
        or (>= 0x1F300 and <= 0x1F64F) or (>= 0x1F680 and <= 0x1F6FF) or (>= 0x1F900 and <= 0x1F9FF) or (>= 0x20000 and <= 0x3FFFD);
}
