using System.Buffers;
using System.Text;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Cleans a caption as OpenCLIP does (tokenizer.py, basic_clean and the clean functions): repair, HTML references taken out twice,
/// then what the mode asks for. The one part left out is the repair of text decoded with the wrong encoding (mojibake).
/// </summary>
public static class CaptionCleaning
{
    /// <summary>Characters that neither the repair nor the HTML step touches: printable ASCII without &amp;, and white space.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '&'), '\t', '\n', '\f', '\r']);

    /// <param name="text">Any text; lone surrogates become U+FFFD.</param>
    /// <param name="mode">What happens after the repair.</param>
    /// <returns>The words of the caption with one space between them and none around.</returns>
    public static string Clean(string text, CleanMode mode)
    {
        if (text.AsSpan().ContainsAnyExcept(Plain))
            text = HtmlEntities.Unescape(HtmlEntities.Unescape(TextRepair.Run(text)));
        return mode switch
        {
            CleanMode.Lower => FullLowerCase.Of(CollapseWhiteSpace(text)),
            CleanMode.Whitespace => CollapseWhiteSpace(text),
            CleanMode.Canonicalize => CollapseWhiteSpace(FullLowerCase.Of(WithoutPunctuation(text))),
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a cleaning mode."),
        };
    }

    private static string CollapseWhiteSpace(string text)
    {
        if (IsCollapsed(text))
            return text;
        var collapsed = new StringBuilder(text.Length);
        bool gap = false;
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                gap = collapsed.Length > 0;
                continue;
            }
            if (gap)
                collapsed.Append(' ');
            gap = false;
            collapsed.Append(c);
        }
        return collapsed.ToString();
    }

    private static bool IsCollapsed(string text)
    {
        bool gap = true;
        foreach (char c in text)
        {
            bool space = char.IsWhiteSpace(c);
            if (space && (gap || c != ' '))
                return false;
            gap = space;
        }
        return !gap || text.Length == 0;
    }

    private static string WithoutPunctuation(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (c == '_')
                kept.Append(' ');
            else if (!IsAsciiPunctuation(c))
                kept.Append(c);
        }
        return kept.ToString();
    }

    private static bool IsAsciiPunctuation(char c) => c is > ' ' and < '\x7f' && !char.IsAsciiLetterOrDigit(c);
}
