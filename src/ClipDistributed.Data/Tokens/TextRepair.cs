using System.Buffers;
using System.Text;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// The repairs of ftfy 6.3 (fix_text with its defaults) without the one for mojibake. Its line breaks need no repair here: white
/// space is collapsed afterwards.
/// </summary>
internal static class TextRepair
{
    /// <summary>What NFKC makes of U+FF5F to U+FFEE one by one; '\0' where nothing stands or nothing changes.</summary>
    private const string StandardWidths =
        "\u2985\u2986\u3002\u300c\u300d\u3001\u30fb\u30f2\u30a1\u30a3\u30a5\u30a7\u30a9\u30e3\u30e5\u30e7\u30c3\u30fc\u30a2\u30a4"
        + "\u30a6\u30a8\u30aa\u30ab\u30ad\u30af\u30b1\u30b3\u30b5\u30b7\u30b9\u30bb\u30bd\u30bf\u30c1\u30c4\u30c6\u30c8\u30ca\u30cb"
        + "\u30cc\u30cd\u30ce\u30cf\u30d2\u30d5\u30d8\u30db\u30de\u30df\u30e0\u30e1\u30e2\u30e4\u30e6\u30e8\u30e9\u30ea\u30eb\u30ec"
        + "\u30ed\u30ef\u30f3\u3099\u309a\u1160\u1100\u1101\u11aa\u1102\u11ac\u11ad\u1103\u1104\u1105\u11b0\u11b1\u11b2\u11b3\u11b4"
        + "\u11b5\u111a\u1106\u1107\u1108\u1121\u1109\u110a\u110b\u110c\u110d\u110e\u110f\u1110\u1111\u1112\0\0\0\u1161\u1162\u1163"
        + "\u1164\u1165\u1166\0\0\u1167\u1168\u1169\u116a\u116b\u116c\0\0\u116d\u116e\u116f\u1170\u1171\u1172\0\0\u1173\u1174\u1175"
        + "\0\0\0\u00a2\u00a3\u00ac\0\u00a6\u00a5\u20a9\0\u2502\u2190\u2191\u2192\u2193\u25a0\u25cb";

    /// <summary>Characters to look at more closely; one alone decides, but for surrogates, which may be paired.</summary>
    private static readonly SearchValues<char> Replaceable = SearchValues.Create(All(c => Replacement(c.ToString(), 0) is not null));

    private static readonly SearchValues<char> Controls = SearchValues.Create(All(IsControl));

    /// <summary>Repairs line by line: from the first line with a &lt; on the text counts as HTML and its references are kept.</summary>
    public static string Run(string text)
    {
        if (!text.Contains('\n'))
            return RepairLine(text, unescape: !text.Contains('<'));
        var result = new StringBuilder(text.Length);
        bool unescape = true;
        for (int start = 0, next; start < text.Length; start = next)
        {
            int end = text.IndexOf('\n', start);
            next = end < 0 ? text.Length : end + 1;
            string line = text[start..next];
            unescape &= !line.Contains('<');
            result.Append(RepairLine(line, unescape));
        }
        return result.ToString();
    }

    private static string RepairLine(string line, bool unescape)
    {
        while (true)
        {
            string before = line;
            if (unescape)
                line = HtmlEntities.UnescapeClosed(line);
            line = CanonicalForm.Compose(RemoveControls(ReplaceCharacters(line)));
            // One repair can uncover work for another: &amp;amp; or a reference in full-width letters.
            if (line == before)
                return line;
        }
    }

    private static string ReplaceCharacters(string line)
    {
        int first = line.AsSpan().IndexOfAny(Replaceable);
        if (first < 0)
            return line;
        var result = new StringBuilder(line, 0, first, line.Length + 8);
        for (int i = first; i < line.Length; i++)
        {
            if (Replacement(line, i) is { } replacement)
                result.Append(replacement);
            else
                result.Append(line[i]);
        }
        return result.ToString();
    }

    /// <summary>What takes the character's place; null where it stays.</summary>
    private static string? Replacement(string line, int at)
    {
        char c = line[at];
        if (c < '\x80')
            return null;
        if (char.IsSurrogate(c))
            return IsPaired(line, at) ? null : "\ufffd";
        char decoded = Windows1252.Decode(c);
        return Quote(decoded) ?? Ligature(decoded) ?? StandardWidth(decoded) ?? (decoded == c ? null : decoded.ToString());
    }

    private static bool IsPaired(string line, int at) => char.IsHighSurrogate(line[at])
        ? at + 1 < line.Length && char.IsLowSurrogate(line[at + 1])
        : at > 0 && char.IsHighSurrogate(line[at - 1]);

    private static string? Quote(char c) => c switch
    {
        '\u02bc' or (>= '\u2018' and <= '\u201b') => "'",
        >= '\u201c' and <= '\u201f' => "\"",
        _ => null,
    };

    /// <summary>Letters that are two letters drawn as one; œ and æ are letters of their own and stay.</summary>
    private static string? Ligature(char c) => c switch
    {
        '\u0132' => "IJ",
        '\u0133' => "ij",
        '\u0149' => "'n",
        '\u01f1' => "DZ",
        '\u01f2' => "Dz",
        '\u01f3' => "dz",
        '\u01c4' => "D\u017d",
        '\u01c5' => "D\u017e",
        '\u01c6' => "d\u017e",
        '\u01c7' => "LJ",
        '\u01c8' => "Lj",
        '\u01c9' => "lj",
        '\u01ca' => "NJ",
        '\u01cb' => "Nj",
        '\u01cc' => "nj",
        '\ufb00' => "ff",
        '\ufb01' => "fi",
        '\ufb02' => "fl",
        '\ufb03' => "ffi",
        '\ufb04' => "ffl",
        '\ufb05' => "\u017ft",
        '\ufb06' => "st",
        _ => null,
    };

    private static string? StandardWidth(char c) => c switch
    {
        '\u3000' => " ",
        >= '\uff01' and <= '\uff5e' => ((char)(c - 0xfee0)).ToString(),
        '\uffe3' => " \u0304",
        >= '\uff5f' and <= '\uffee' when StandardWidths[c - '\uff5f'] is not '\0' and var standard => standard.ToString(),
        _ => null,
    };

    /// <summary>Takes out terminal escape sequences (ESC [ numbers letter) and control characters other than white space.</summary>
    private static string RemoveControls(string line)
    {
        int first = line.AsSpan().IndexOfAny(Controls);
        if (first < 0)
            return line;
        var result = new StringBuilder(line, 0, first, line.Length);
        for (int i = first; i < line.Length; i++)
        {
            if (line[i] == '\x1b')
                i += EscapeLength(line.AsSpan(i)) - 1;
            else if (!IsControl(line[i]))
                result.Append(line[i]);
        }
        return result.ToString();
    }

    /// <summary>Length of the sequence that begins with this ESC; 1 where it begins none.</summary>
    private static int EscapeLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] != '[')
            return 1;
        int end = 2;
        while (
            Rune.DecodeFromUtf16(text[end..], out var rune, out int length) == OperationStatus.Done
            && (Rune.IsDigit(rune) || rune.Value == ';')
        )
            end += length;
        return end < text.Length && char.IsAsciiLetter(text[end]) ? end + 1 : 1;
    }

    private static bool IsControl(char c) => c is <= '\x08' or '\x0b' or (>= '\x0e' and <= '\x1f') or '\x7f'
        or (>= '\u206a' and <= '\u206f') or '\ufeff' or (>= '\ufff9' and <= '\ufffc');

    private static char[] All(Func<char, bool> are) => [.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(are)];
}
