using System.Globalization;
using System.Text;

namespace ClipDistributed.Telemetry;

/// <summary>
/// Text from captions, names and files as a terminal and a log may show it. Characters that a terminal obeys instead of showing them,
/// that turn the direction of what is beside them, or that are invisible are written as <c>\u001B</c>, which is also how JSON and
/// quoted YAML write them: in those the text stays the same.
/// </summary>
public static class Printable
{
    /// <summary>Lines and tabs stay.</summary>
    public static string Text(string text) => Escape(text, keepLines: true);

    /// <summary>One line, whatever the text is.</summary>
    public static string Line(string text) => Escape(text, keepLines: false);

    private static string Escape(string text, bool keepLines)
    {
        int first = 0;
        while (first < text.Length && !IsEscaped(text, first, keepLines))
            first++;
        if (first == text.Length)
            return text;
        var shown = new StringBuilder(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            if (IsEscaped(text, i, keepLines))
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:X4}");
            else
                shown.Append(text[i]);
        }
        return shown.ToString();
    }

    private static bool IsEscaped(string text, int place, bool keepLines)
    {
        char c = text[place];
        if (c is >= ' ' and < '\u007f')
            return false;
        if (c is '\n' or '\t')
            return !keepLines;
        if (c == '\r')
            return !keepLines || place + 1 == text.Length || text[place + 1] != '\n'; // alone it would overwrite the line
        if (char.IsSurrogate(c))
            return IsEscapedSurrogate(text, place);
        // Joiners are parts of emoji and of several scripts.
        return c is not ('\u200c' or '\u200d')
            && char.GetUnicodeCategory(c)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator;
    }

    /// <summary>Halves of characters, and the invisible ones above U+FFFF such as tags.</summary>
    private static bool IsEscapedSurrogate(string text, int place)
    {
        int start = char.IsLowSurrogate(text[place]) ? place - 1 : place;
        bool isPair = start >= 0 && start + 1 < text.Length && char.IsSurrogatePair(text[start], text[start + 1]);
        return !isPair || CharUnicodeInfo.GetUnicodeCategory(text, start) is UnicodeCategory.Format or UnicodeCategory.Control;
    }
}
