using System.Text;

namespace ClipDistributed.Contracts.Spec.Text;

/// <summary>Reads text in single or double quotes (YAML 1.2, 7.3.1 and 7.3.2); JSON's strings are of the second kind.</summary>
internal static class QuotedText
{
    private const string Escapes = "0abt\tnvfre \"/\\N_LP";
    private const string Escaped = "\0\a\b\t\t\n\v\f\r\u001b \"/\\\u0085\u00a0\u2028\u2029";

    /// <param name="at">At the opening quote; afterwards behind the closing one.</param>
    /// <param name="indent">Column of the block around it: further lines begin behind it, so that an unclosed quote is found.</param>
    public static string Read(TextCursor at, int indent)
    {
        string opened = $"the {at.Current} of line {at.Line} is not closed; close it, or write the character itself inside of quotes of the other kind.";
        char quote = at.Take();
        var text = new StringBuilder();
        int kept = 0; // characters that a line's end does not trim: escaped ones, and those before it
        while (true)
        {
            if (at.IsAtEnd)
                throw at.Error(opened);
            if (at.Current == quote)
            {
                at.Take();
                if (quote == '"' || at.Current != '\'')
                    return text.ToString();
                text.Append(at.Take());
            }
            else if (at.IsAtLineEnd)
            {
                while (text.Length > kept && text[^1] is ' ' or '\t')
                    text.Length--;
                text.Append(Fold(at, indent, opened));
                kept = text.Length;
            }
            else if (quote == '"' && at.Current == '\\')
            {
                at.Take();
                Unescape(at, text, indent, opened);
                kept = text.Length;
            }
            else
            {
                text.Append(at.Take());
            }
        }
    }

    /// <summary>One line's end is a blank, each further one a line's end.</summary>
    private static string Fold(TextCursor at, int indent, string opened)
    {
        int ends = 0;
        while (at.IsAtLineEnd && !at.IsAtEnd)
        {
            if (at.Take() == '\r' && at.Current == '\n')
                at.Take();
            at.SkipBlanks();
            ends++;
        }
        if (at.IsAtEnd || at.Column <= indent)
            throw at.Error(opened);
        return ends == 1 ? " " : new string('\n', ends - 1);
    }

    private static void Unescape(TextCursor at, StringBuilder text, int indent, string opened)
    {
        if (at.IsAtEnd)
            throw at.Error(opened);
        if (at.IsAtLineEnd) // an escaped line's end is none
        {
            Fold(at, indent, opened);
            return;
        }
        int digits = at.Current switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        int known = digits > 0 ? -1 : Escapes.IndexOf(at.Current, StringComparison.Ordinal);
        if (digits == 0 && known < 0)
            throw at.Error($"\\{at.Current} is no escape; write \\\\ for a backslash, or use single quotes.");
        at.Take();
        if (digits == 0)
        {
            text.Append(Escaped[known]);
            return;
        }
        uint code = Hex(at, digits);
        if (code is >= 0xD800 and < 0xDC00 && at.Current == '\\' && at.Peek(1) == 'u')
        {
            at.Take(2);
            uint low = Hex(at, 4);
            if (low is >= 0xDC00 and < 0xE000)
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        if (code > 0x10FFFF || code is >= 0xD800 and < 0xE000)
            throw at.Error($"the escape of U+{code:X4} is no character; delete it.");
        text.Append(char.ConvertFromUtf32((int)code));
    }

    private static uint Hex(TextCursor at, int digits)
    {
        uint code = 0;
        for (int i = 0; i < digits; i++)
        {
            if (!char.IsAsciiHexDigit(at.Peek(i)))
                throw at.Error($"expected {digits} hexadecimal digits behind the backslash.");
            code = (code << 4) + Convert.ToUInt32($"{at.Peek(i)}", 16);
        }
        at.Take(digits);
        return code;
    }
}
