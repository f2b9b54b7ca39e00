using System.Globalization;
using System.Text;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Replaces HTML character references. <see cref="Unescape"/> is as lenient as a browser (and Python's html.unescape): the
/// semicolon may be missing and the longest known name wins. <see cref="UnescapeClosed"/> takes only whole references that end
/// with a semicolon, and also names written in capitals, as ftfy does.
/// </summary>
internal static class HtmlEntities
{
    private const int MaxName = 32;
    private const int MaxClosedName = 24;

    /// <summary>Names without the ampersand, those with a semicolon and those that stand without one.</summary>
    private static readonly Dictionary<string, string> Names = ReadNames();

    /// <summary>Names without ampersand and semicolon.</summary>
    private static readonly Dictionary<string, string> ClosedNames = AddCapitals(Names);

    public static string Unescape(string text) =>
        Replace(
            text,
            static (ReadOnlySpan<char> rest, out string? value, out int used) =>
                TryNumber(rest, out value, out used) || TryName(rest, out value, out used)
        );

    public static string UnescapeClosed(string text) => Replace(text, TryClosed);

    /// <summary>Reads a reference behind its ampersand.</summary>
    /// <param name="value">What it stands for; null: the ampersand stays.</param>
    /// <param name="used">Characters that the reference takes.</param>
    private delegate bool TryReference(ReadOnlySpan<char> rest, out string? value, out int used);

    private static string Replace(string text, TryReference tryReference)
    {
        if (!text.Contains('&'))
            return text;
        var result = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        for (int at; (at = rest.IndexOf('&')) >= 0;)
        {
            result.Append(rest[..at]);
            rest = rest[(at + 1)..];
            if (tryReference(rest, out string? value, out int used))
                rest = rest[used..];
            result.Append(value ?? "&");
        }
        return result.Append(rest).ToString();
    }

    private static bool TryClosed(ReadOnlySpan<char> text, out string? value, out int used)
    {
        value = null;
        int length = text[..Math.Min(text.Length, MaxClosedName + 2)].IndexOf(';');
        used = length + 1;
        if (length < 1)
            return false;
        if (text[0] == '#')
        {
            // A reference to the semicolon itself stays, as does one with more than digits before the semicolon.
            if (TryNumber(text, out string? character, out int digits) && digits == used && character != ";")
                value = character;
            return value is not null;
        }
        return length <= MaxClosedName
            && ClosedNames.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out value);
    }

    /// <summary>The longest prefix that is a name, of two characters or more.</summary>
    private static bool TryName(ReadOnlySpan<char> text, out string? value, out int used)
    {
        var names = Names.GetAlternateLookup<ReadOnlySpan<char>>();
        int run = text[..Math.Min(text.Length, MaxName)].IndexOfAny("\t\n\f <&#;");
        run = run < 0 ? Math.Min(text.Length, MaxName) : run;
        if (run < text.Length && text[run] == ';')
            run++;
        for (used = run; used >= 2; used--)
        {
            if (names.TryGetValue(text[..used], out value))
                return true;
        }
        value = null;
        return false;
    }

    /// <summary>#123, #x7b, with or without the semicolon. What HTML forbids becomes U+FFFD or nothing.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out string? value, out int used)
    {
        value = null;
        used = 1;
        if (text.IsEmpty || text[0] != '#')
            return false;
        bool isHex = text.Length > 1 && text[1] is 'x' or 'X';
        int start = used = isHex ? 2 : 1;
        int number = 0;
        for (; used < text.Length && (isHex ? char.IsAsciiHexDigit(text[used]) : char.IsAsciiDigit(text[used])); used++)
            number = Math.Min((number * (isHex ? 16 : 10)) + Digit(text[used]), 0x110000);
        if (used == start)
            return false;
        if (used < text.Length && text[used] == ';')
            used++;
        value = number switch
        {
            0 or > 0x10ffff or (>= 0xd800 and <= 0xdfff) => "\ufffd",
            >= 0x80 and <= 0x9f => Windows1252.Decode((char)number).ToString(),
            < 0x20 and not ('\t' or '\n' or '\f' or '\r') => "",
            0x7f or (>= 0xfdd0 and <= 0xfdef) => "",
            _ when (number & 0xfffe) == 0xfffe => "",
            _ => char.ConvertFromUtf32(number),
        };
        return true;
    }

    private static int Digit(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    private static Dictionary<string, string> ReadNames()
    {
        var names = new Dictionary<string, string>();
        foreach (string entry in HtmlEntityData.Names.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split('=');
            string value = string.Concat(parts[1].Split('+').Select(hex => char.ConvertFromUtf32(int.Parse(hex, NumberStyles.HexNumber))));
            names.Add(parts[0], value);
            if (!parts[0].EndsWith(';'))
                names.Add(parts[0] + ";", value);
        }
        return names;
    }

    /// <summary>&amp;NTILDE; is read as Ñ, but only where the capitals mean nothing else in HTML.</summary>
    private static Dictionary<string, string> AddCapitals(Dictionary<string, string> names)
    {
        var closed = new Dictionary<string, string>();
        foreach (var (name, value) in names.Where(entry => entry.Key.EndsWith(';')))
        {
            closed[name[..^1]] = value;
            string capitals = name.ToUpperInvariant();
            if (name == name.ToLowerInvariant() && Unescape("&" + capitals) == "&" + capitals)
                closed[capitals[..^1]] = Capital(value);
        }
        return closed;
    }

    /// <summary>The full upper-case mapping, for the characters that have a name in HTML.</summary>
    private static string Capital(string value) => value switch
    {
        "ß" => "SS",
        "ı" => "I",
        "ŉ" => "\u02bcN",
        "ﬀ" => "FF",
        "ﬁ" => "FI",
        "ﬂ" => "FL",
        "ﬃ" => "FFI",
        "ﬄ" => "FFL",
        _ => value.ToUpperInvariant(),
    };
}
