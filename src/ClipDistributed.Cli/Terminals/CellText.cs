using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ClipDistributed.Cli.Terminals;

/// <summary>How many columns of a terminal a text takes, and texts cut or wrapped to so many.</summary>
internal static partial class CellText
{
    private const string Ellipsis = "…";

    /// <summary>East Asian letters and emoji take two columns, marks above letters none.</summary>
    public static int Width(string text) => text.EnumerateRunes().Sum(Width);

    /// <summary>
    /// As it is, or cut with an ellipsis at its end. A number is whole or absent: 13… would be another number than 134.
    /// </summary>
    public static string Cut(string text, int width)
    {
        if (text.Length <= width / 2 || Width(text) <= width)
            return text;
        int end = 0;
        for (int used = 1; end < text.Length; end += StringInfo.GetNextTextElementLength(text, end))
        {
            used += Width(StringInfo.GetNextTextElement(text, end)); // an emoji of several characters stays whole
            if (used > width)
                break;
        }
        if (Numbers().Matches(text).FirstOrDefault(number => number.Index < end && end < number.Index + number.Length) is { } number)
            end = number.Index;
        return width < 1 ? "" : text[..end] + Ellipsis;
    }

    /// <summary>The same for a path, whose end says most.</summary>
    public static string CutStart(string text, int width)
    {
        if (Width(text) <= width)
            return text;
        int start = 0;
        for (int left = Width(text) + 1; start < text.Length && left > width; start += StringInfo.GetNextTextElementLength(text, start))
            left -= Width(StringInfo.GetNextTextElement(text, start));
        if (Numbers().Matches(text).FirstOrDefault(number => number.Index < start && start < number.Index + number.Length) is { } number)
            start = number.Index + number.Length;
        return width < 1 ? "" : Ellipsis + text[start..];
    }

    /// <summary>Lines of at most so many columns, broken at spaces; a longer word is a line of its own.</summary>
    public static IReadOnlyList<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        if (Width(text) <= width)
            return [text];
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line != "" && Width(line) + 1 + Width(word) > width)
            {
                lines.Add(line);
                line = "";
            }
            line = line == "" ? word : $"{line} {word}";
        }
        lines.Add(line);
        return lines;
    }

    public static string PadRight(string text, int width) => text + new string(' ', Math.Max(0, width - Width(text)));

    public static string PadLeft(string text, int width) => new string(' ', Math.Max(0, width - Width(text))) + text;

    private static int Width(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => IsWide(rune.Value) ? 2 : 1,
    };

    /// <summary>What Unicode's EastAsianWidth.txt has as W or F; in the blocks of emoji a few that are not.</summary>
    private static bool IsWide(int code) =>
        code is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0x303E) or (>= 0x3041 and <= 0xA4CF and not (>= 0x4DC0 and <= 0x4DFF))
        or (>= 0xA960 and <= 0xA97C) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE10 and <= 0xFE19)
        or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x16FE0 and <= 0x18DFF)
        or (>= 0x1AFF0 and <= 0x1B2FF) or (>= 0x1F18E and <= 0x1F19A) or (>= 0x1F200 and <= 0x1F265) or (>= 0x1F300 and <= 0x1F64F)
        or (>= 0x1F680 and <= 0x1F6FF) or (>= 0x1F7E0 and <= 0x1F7F0) or (>= 0x1F900 and <= 0x1F9FF) or (>= 0x1FA70 and <= 0x1FAFF)
        or (>= 0x20000 and <= 0x3FFFD)
        or 0x231A or 0x231B or 0x2329 or 0x232A or (>= 0x23E9 and <= 0x23EC) or 0x23F0 or 0x23F3 or 0x25FD or 0x25FE or 0x2614 or 0x2615
        or (>= 0x2648 and <= 0x2653) or 0x267F or 0x2693 or 0x26A1 or 0x26AA or 0x26AB or 0x26BD or 0x26BE or 0x26C4 or 0x26C5 or 0x26CE
        or 0x26D4 or 0x26EA or 0x26F2 or 0x26F3 or 0x26F5 or 0x26FA or 0x26FD or 0x2705 or 0x270A or 0x270B or 0x2728 or 0x274C or 0x274E
        or (>= 0x2753 and <= 0x2755) or 0x2757 or (>= 0x2795 and <= 0x2797) or 0x27B0 or 0x27BF or 0x2B1B or 0x2B1C or 0x2B50 or 0x2B55;

    // 12, -0.5, 4,883, 3/40, 0:07:59 and 1e-05
    [GeneratedRegex(@"[-+]?\d+([.,:/]\d+)*([eE][-+]?\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
