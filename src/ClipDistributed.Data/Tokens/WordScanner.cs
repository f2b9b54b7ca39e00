using System.Globalization;
using System.Text;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Cuts cleaned text into the words that byte pairs are merged in. The same as the matches of CLIP's pattern, case ignored:
/// <c>&lt;start_of_text&gt;|&lt;end_of_text&gt;|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+</c>.
/// Written by hand since .NET's expressions see UTF-16 units: letters beyond U+FFFF would not count as letters.
/// </summary>
internal ref struct WordScanner(ReadOnlySpan<char> text)
{
    public const string StartOfText = "<start_of_text>", EndOfText = "<end_of_text>";

    private static readonly string[] Whole = [StartOfText, EndOfText, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private ReadOnlySpan<char> rest = text;

    private enum Kind
    {
        Gap,
        Letter,
        Number,
        Other,
    }

    /// <summary>The word that <see cref="MoveNext"/> found.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    public bool MoveNext()
    {
        while (!rest.IsEmpty)
        {
            var kind = KindOfFirst(rest, out int length);
            if (kind == Kind.Gap)
            {
                rest = rest[length..];
                continue;
            }
            int end = rest[0] is '<' or '\'' ? WholeLength(rest) : 0;
            if (end == 0)
                end = kind == Kind.Number ? length : RunLength(rest, kind);
            Current = rest[..end];
            rest = rest[end..];
            return true;
        }
        return false;
    }

    private static int RunLength(ReadOnlySpan<char> text, Kind kind)
    {
        int end = 0;
        while (end < text.Length && KindOfFirst(text[end..], out int length) == kind)
            end += length;
        return end;
    }

    private static int WholeLength(ReadOnlySpan<char> text)
    {
        foreach (string word in Whole)
        {
            if (text.Length >= word.Length && EqualsIgnoringCase(text[..word.Length], word))
                return word.Length;
        }
        return 0;
    }

    /// <summary>Unicode's simple case folding, under which U+017F (long s) is an s.</summary>
    private static bool EqualsIgnoringCase(ReadOnlySpan<char> text, string word)
    {
        for (int i = 0; i < word.Length; i++)
        {
            char folded = text[i] == '\u017f' ? 's' : char.ToLowerInvariant(text[i]);
            if (folded != word[i])
                return false;
        }
        return true;
    }

    private static Kind KindOfFirst(ReadOnlySpan<char> text, out int length)
    {
        char c = text[0];
        length = 1;
        if (char.IsAscii(c))
            return char.IsAsciiLetter(c) ? Kind.Letter : char.IsAsciiDigit(c) ? Kind.Number : char.IsWhiteSpace(c) ? Kind.Gap : Kind.Other;
        Rune.DecodeFromUtf16(text, out var rune, out length);
        // With case ignored U+0345, a mark, is also a form of the letter iota: the pattern's letters miss it, and so do the others.
        if (Rune.IsWhiteSpace(rune) || rune.Value == 0x345)
            return Kind.Gap;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
