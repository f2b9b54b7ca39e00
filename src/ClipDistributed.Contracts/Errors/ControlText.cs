using System.Globalization;

namespace ClipDistributed.Contracts.Errors;

/// <summary>
/// Characters that make a text look like another, or steer what shows it: controls, and Unicode's formatting ones (of direction, of no
/// width), but for the two joiners that scripts and emoji need. Names and words that people give may hold none; messages that quote
/// files show them as <c>\u001B</c>.
/// </summary>
public static class ControlText
{
    private const char NonJoiner = '\u200C', Joiner = '\u200D';

    /// <returns>The first such character, as in <c>U+202E</c>; null: there is none.</returns>
    public static string? Find(string text)
    {
        for (int i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
        {
            if (IsOne(text, i))
                return Number("U+", text, i);
        }
        return null;
    }

    public static string Escape(string text)
    {
        if (Find(text) is null)
            return text;
        var shown = new System.Text.StringBuilder(text.Length);
        for (int i = 0, length; i < text.Length; i += length)
        {
            length = char.IsSurrogatePair(text, i) ? 2 : 1;
            shown.Append(IsOne(text, i) ? Number("\\u", text, i) : text.AsSpan(i, length));
        }
        return shown.ToString();
    }

    private static bool IsOne(string text, int at) => text[at] is not (NonJoiner or Joiner)
        && CharUnicodeInfo.GetUnicodeCategory(text, at) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Number(string prefix, string text, int at) => string.Create(
        CultureInfo.InvariantCulture, $"{prefix}{(char.IsSurrogatePair(text, at) ? char.ConvertToUtf32(text, at) : text[at]):X4}");
}
