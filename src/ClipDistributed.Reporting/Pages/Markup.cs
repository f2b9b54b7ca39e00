using System.Net;
using System.Text;

namespace ClipDistributed.Reporting.Pages;

/// <summary>Pieces of HTML that several sections need.</summary>
internal static class Markup
{
    public static string Escape(string? text) => WebUtility.HtmlEncode(text ?? "");

    /// <summary>A PNG inside the page.</summary>
    public static string Source(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";

    /// <summary>A table that scrolls inside its box.</summary>
    /// <param name="name">What it holds, for people who do not see it.</param>
    /// <param name="columns">Headings; those of text begin with a less-than sign and stand left.</param>
    /// <param name="rows">Cells that are HTML already.</param>
    public static void AppendTable(StringBuilder page, string name, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        page.Append($"<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"{Escape(name)}\">\n<table>\n<thead><tr>");
        foreach (string column in columns)
            page.Append(
                IsText(column) ? $"<th scope=\"col\" class=\"text\">{Escape(column[1..])}</th>" : $"<th scope=\"col\">{Escape(column)}</th>"
            );
        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            page.Append("<tr>");
            for (int i = 0; i < row.Count; i++)
                page.Append(IsText(columns[i]) ? $"<td class=\"text\">{row[i]}</td>" : $"<td>{row[i]}</td>");
            page.Append("</tr>\n");
        }
        page.Append("</tbody>\n</table>\n</div>\n");
    }

    /// <summary>A picture in the theme that the reader prefers.</summary>
    /// <param name="description">For people who do not see it.</param>
    public static void AppendPicture(StringBuilder page, ThemedPicture picture, string description) => page.Append($"""
        <picture>
        <source media="(prefers-color-scheme: dark)" srcset="{Source(picture.Dark.Png)}">
        <img src="{Source(picture.Light.Png)}" width="{picture.Light.Width}" height="{picture.Light.Height}" alt="{Escape(description)}">
        </picture>

        """);

    /// <summary>Names and values side by side.</summary>
    public static void AppendFacts(StringBuilder page, IEnumerable<(string Name, string Value)> facts)
    {
        page.Append("<dl class=\"facts\">\n");
        foreach (var (name, value) in facts)
            page.Append($"<div><dt>{Escape(name)}</dt><dd>{Escape(value)}</dd></div>\n");
        page.Append("</dl>\n");
    }

    private static bool IsText(string column) => column.StartsWith('<');
}
