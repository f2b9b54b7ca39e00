using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>Text that fits a width.</summary>
internal static class Lettering
{
    private const string Ellipsis = "…";

    /// <summary>The text cut so that it is at most this wide, with an ellipsis if something is missing.</summary>
    public static string Fit(SKFont font, string text, float width)
    {
        if (font.MeasureText(text) <= width)
            return text;
        int kept = font.BreakText(text, Math.Max(0, width - font.MeasureText(Ellipsis)));
        if (kept > 0 && char.IsHighSurrogate(text[kept - 1]))
            kept--;
        return text[..kept].TrimEnd() + Ellipsis;
    }

    /// <summary>The text broken at spaces into at most this many lines; the last one is cut if the rest does not fit.</summary>
    public static IReadOnlyList<string> Wrap(SKFont font, string text, float width, int lines)
    {
        var done = new List<string>();
        string line = "";
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < words.Length; i++)
        {
            string longer = line.Length == 0 ? words[i] : $"{line} {words[i]}";
            if (line.Length == 0 || font.MeasureText(longer) <= width)
            {
                line = longer;
                continue;
            }
            if (done.Count == lines - 1)
            {
                line = $"{line} {string.Join(' ', words[i..])}";
                break;
            }
            done.Add(Fit(font, line, width));
            line = words[i];
        }
        if (line.Length > 0)
            done.Add(Fit(font, line, width));
        return done;
    }
}
