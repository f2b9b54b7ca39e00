using System.Text;

namespace ClipDistributed.Architecture.Tests;

/// <summary>Takes the comments and the contents of strings out of C#: words in them are not code.</summary>
internal static class CodeText
{
    public static string Of(string text)
    {
        var code = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length;)
        {
            int end = EndOfWordless(text, at);
            if (end == at)
            {
                code.Append(text[at++]);
                continue;
            }
            if (text[at] != '/')
                code.Append("\"\"");
            code.Append('\n', text.AsSpan(at, end - at).Count('\n'));
            at = end;
        }
        return code.ToString();
    }

    /// <returns>The end of the comment, string or character that begins here; <paramref name="at"/> itself where none does.</returns>
    private static int EndOfWordless(string text, int at)
    {
        if (Begins(text, at, "//"))
            return Find(text, at, "\n");
        if (Begins(text, at, "/*"))
            return Find(text, at + 2, "*/") + 2;
        if (text[at] == '\'')
            return Find(text, at + (text[at + 1] == '\\' ? 3 : 2), "'") + 1;
        int quote = at;
        while (quote < text.Length && text[quote] is '$' or '@')
            quote++;
        if (quote == text.Length || text[quote] != '"')
            return at;
        string prefix = text[at..quote];
        int quotes = text.AsSpan(quote).IndexOfAnyExcept('"') is var count and >= 0 ? count : text.Length - quote;
        return quotes >= 3 ? EndOfRaw(text, quote, quotes) : EndOfString(text, quote + 1, prefix.Contains('@'), prefix.Contains('$'));
    }

    private static int EndOfRaw(string text, int quote, int quotes)
    {
        int end = Find(text, quote + quotes, new string('"', quotes)) + quotes;
        while (end < text.Length && text[end] == '"')
            end++;
        return end;
    }

    private static int EndOfString(string text, int at, bool isVerbatim, bool hasHoles)
    {
        while (at < text.Length && text[at] != '"' || isVerbatim && Begins(text, at, "\"\""))
        {
            if (hasHoles && text[at] == '{' && !Begins(text, at, "{{"))
                at = EndOfHole(text, at + 1);
            else
                at += !isVerbatim && text[at] == '\\' || isVerbatim && text[at] == '"' || Begins(text, at, "{{") ? 2 : 1;
        }
        return Math.Min(at + 1, text.Length);
    }

    private static int EndOfHole(string text, int at)
    {
        for (int depth = 1; at < text.Length; at++)
        {
            while (at < text.Length && EndOfWordless(text, at) is var end && end > at)
                at = end;
            depth += at == text.Length ? 0 : text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
            if (depth == 0)
                return at + 1;
        }
        return text.Length;
    }

    private static bool Begins(string text, int at, string with) => string.CompareOrdinal(text, at, with, 0, with.Length) == 0;

    private static int Find(string text, int from, string what) =>
        from < text.Length && text.IndexOf(what, from, StringComparison.Ordinal) is var found and >= 0 ? found : text.Length - what.Length;
}
