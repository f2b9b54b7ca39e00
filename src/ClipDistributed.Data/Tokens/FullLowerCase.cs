using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Unicode's full lower-case mapping without a culture. It differs from <see cref="string.ToLowerInvariant"/> in two letters:
/// U+0130 becomes i with U+0307, and a capital sigma at the end of a word becomes the final sigma (SpecialCasing.txt, Final_Sigma).
/// </summary>
internal static class FullLowerCase
{
    private const char DottedCapitalI = '\u0130', CapitalSigma = '\u03a3', FinalSigma = '\u03c2';

    /// <summary>Characters that Unicode counts as inside a word although they are neither marks nor modifiers.</summary>
    private const string MidWord = "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

    public static string Of(string text)
    {
        // The simple mapping never changes the length, so positions in both strings agree.
        string lower = text.ToLowerInvariant();
        if (!text.AsSpan().ContainsAny(DottedCapitalI, CapitalSigma))
            return lower;
        var full = new StringBuilder(lower.Length + 4);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == DottedCapitalI)
                full.Append("i\u0307");
            else if (text[i] == CapitalSigma && EndsWord(text, i))
                full.Append(FinalSigma);
            else
                full.Append(lower[i]);
        }
        return full.ToString();
    }

    /// <summary>A letter with case stands before the sigma and none after it, whatever case-ignorable characters lie between.</summary>
    private static bool EndsWord(string text, int sigma)
    {
        var before = text.AsSpan(0, sigma);
        while (Rune.DecodeLastFromUtf16(before, out var rune, out int length) == OperationStatus.Done && IsCaseIgnorable(rune))
            before = before[..^length];
        if (before.IsEmpty || Rune.DecodeLastFromUtf16(before, out var left, out _) != OperationStatus.Done || !IsCased(left))
            return false;
        foreach (var rune in text.AsSpan(sigma + 1).EnumerateRunes())
        {
            if (!IsCaseIgnorable(rune))
                return !IsCased(rune);
        }
        return true;
    }

    private static bool IsCaseIgnorable(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || (rune.IsBmp && MidWord.Contains((char)rune.Value));

    private static bool IsCased(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter
                or UnicodeCategory.LowercaseLetter
                or UnicodeCategory.TitlecaseLetter
        || rune.Value
            is 0xaa
                or 0xba
                or (>= 0x2160 and <= 0x217f)
                or (>= 0x24b6 and <= 0x24e9)
                or (>= 0x1f130 and <= 0x1f149)
                or (>= 0x1f150 and <= 0x1f169)
                or (>= 0x1f170 and <= 0x1f189);
}
