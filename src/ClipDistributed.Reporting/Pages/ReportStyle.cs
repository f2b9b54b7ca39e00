using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Reporting.Pictures;

namespace ClipDistributed.Reporting.Pages;

/// <summary>Styles of the report: system fonts, both colour schemes, from phone width up, and on paper.</summary>
internal static class ReportStyle
{
    /// <summary>The whole style sheet; the colours of a step's parts are those of its chart.</summary>
    public static string Css { get; } = $$"""
        {{Rules}}
        {{Swatches(ReportTheme.Light)}}
        @media (prefers-color-scheme: dark) {
        {{Swatches(ReportTheme.Dark)}}
        }
        {{string.Join('\n', Enumerable.Range(0, 101).Select(percent => $".w{percent} {{ width: {percent}%; }}"))}}
        """;

    /// <summary>
    /// What a browser lets the page do: show this style sheet and the pictures inside of it. No script, no other place, whatever a caption
    /// holds.
    /// </summary>
    public static string Policy =>
        $"default-src 'none'; img-src data:; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Css)))}'; "
        + $"base-uri 'none'; form-action 'none'";

    private static string Swatches(ReportTheme theme) =>
        string.Join(
            '\n',
            theme.Series.Select((colour, i) => $"  .s{i} {{ background: #{colour.Red:x2}{colour.Green:x2}{colour.Blue:x2}; }}")
        );

    private const string Rules = """
        :root {
          color-scheme: light dark;
          --ground: #f5f7fa; --panel: #ffffff; --ink: #1b2330; --muted: #5f6b7c; --line: #e0e5ec; --accent: #2463eb; --note: #fff4e0; --note-ink: #7a4700;
        }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #0f1217; --panel: #171b22; --ink: #e8ebf0; --muted: #9aa6b6; --line: #2c343f; --accent: #74a9ff; --note: #33270f; --note-ink: #ffcf8a; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
        main { max-width: 76rem; margin: 0 auto; padding: clamp(1rem, 4vw, 3rem) clamp(0.8rem, 3vw, 2rem); }
        header { margin-bottom: 1.8rem; }
        .kind { margin: 0; color: var(--accent); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase; }
        h1 { margin: 0.1em 0 0; font-size: clamp(1.8rem, 5vw, 2.6rem); line-height: 1.15; letter-spacing: -0.02em; overflow-wrap: anywhere; }
        h2 { margin: 0 0 0.7rem; font-size: 1.2rem; letter-spacing: -0.01em; }
        p { margin: 0 0 0.8rem; max-width: 70ch; }
        .lead { margin: 0.5rem 0 0; color: var(--muted); }
        .note { background: var(--note); color: var(--note-ink); border-radius: 10px; padding: 0.7rem 1rem; max-width: none; overflow-wrap: anywhere; }
        section { background: var(--panel); border: 1px solid var(--line); border-radius: 14px; padding: clamp(0.8rem, 2.5vw, 1.5rem); margin-bottom: 1.2rem; }
        section > p { color: var(--muted); font-size: 0.95rem; }
        #figures { padding: 0; border: 0; background: none; }
        dl, dd { margin: 0; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(9rem, 100%), 1fr)); gap: 0.8rem; }
        @media (min-width: 60rem) {
        .figures:has(> :nth-child(8)) { grid-template-columns: repeat(4, 1fr); }
        .figures:has(> :nth-child(9)) { grid-template-columns: repeat(5, 1fr); }
        .figures:has(> :nth-child(11)) { grid-template-columns: repeat(6, 1fr); }
        }
        .figures > div { background: var(--panel); border: 1px solid var(--line); border-radius: 14px; padding: 0.75rem 0.85rem; min-width: 0; }
        .figures dt { color: var(--muted); font-size: 0.85rem; overflow-wrap: anywhere; }
        .figures strong { display: block; font-size: 1.4rem; font-weight: 650; white-space: nowrap; line-height: 1.3; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
        .figures span { display: block; color: var(--muted); font-size: 0.8rem; line-height: 1.35; }
        .curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)); gap: 0.8rem; }
        img { display: block; max-width: 100%; height: auto; }
        .curves img { width: 100%; }
        .wide, .table { overflow: auto; }
        .wide img { margin: 0 auto; }
        .table { max-height: 26rem; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: 0.4rem 0.8rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
        th { position: sticky; top: 0; background: var(--panel); color: var(--muted); font-size: 0.85rem; font-weight: 600; }
        .text { text-align: left; }
        pre { margin: 0; overflow: auto; max-height: 36rem; font-size: 0.85rem; line-height: 1.5; }
        code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        h3 { margin: 1.2rem 0 0.3rem; font-size: 1.02rem; }
        h4 { margin: 0.8rem 0 0.5rem; font-size: 0.85rem; font-weight: 600; color: var(--muted); }
        .predictions { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 0.8rem; }
        .predictions > li { display: flex; gap: 0.8rem; min-width: 0; }
        .predictions img { flex: none; border-radius: 8px; }
        .predictions div { flex: 1; min-width: 0; }
        .predictions strong { display: block; font-weight: 600; overflow-wrap: anywhere; line-height: 1.3; }
        .predictions ol { list-style: none; margin: 0.15rem 0 0; padding: 0; font-size: 0.85rem; }
        .predictions ol li { display: grid; grid-template-columns: 1fr auto; gap: 0 0.6rem; color: var(--muted); line-height: 1.35; }
        .predictions ol span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .predictions ol b { font-weight: 400; font-variant-numeric: tabular-nums; }
        .predictions ol i { grid-column: 1 / -1; height: 4px; min-width: 2px; border-radius: 2px; background: var(--muted); margin: 2px 0 4px; }
        .predictions ol .true { color: var(--ink); font-weight: 600; }
        .predictions ol .true i { background: var(--accent); }
        #time .curves { align-items: center; }
        #time th, #time td { padding: 0.3rem 0.6rem; }
        #time td:last-child { white-space: normal; min-width: 9rem; color: var(--muted); font-size: 0.9rem; line-height: 1.3; }
        #time .table { max-height: none; }
        @media (max-width: 40rem) { #time th:last-child, #time td:last-child { display: none; } }
        #incidents td:nth-child(n + 5) { white-space: normal; min-width: 12rem; overflow-wrap: anywhere; }
        .swatch { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 3px; margin-right: 0.5em; }
        .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(8.5rem, 100%), 1fr)); gap: 0.7rem 1.2rem; }
        .facts dt { color: var(--muted); font-size: 0.85rem; }
        .facts dd { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        details { margin-top: 0.8rem; }
        summary { cursor: pointer; color: var(--muted); }
        .notices { margin: 0.5rem 0 0; padding-left: 1.2rem; font-size: 0.9rem; overflow-wrap: anywhere; }
        .digests > div { display: flex; flex-wrap: wrap; gap: 0 1rem; }
        .digests dt { width: 5rem; color: var(--muted); }
        .digests code { overflow-wrap: anywhere; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        @media print { body { background: none; } section { break-inside: avoid; } .table, pre { max-height: none; } }
        """;
}
