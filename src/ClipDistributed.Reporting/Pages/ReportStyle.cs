namespace ClipDistributed.Reporting.Pages;

/// <summary>Styles of the report: system fonts, both colour schemes, from phone width up, and on paper.</summary>
internal static class ReportStyle
{
    public const string Css = """
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
        .figures > div { background: var(--panel); border: 1px solid var(--line); border-radius: 14px; padding: 0.75rem 0.85rem; min-width: 0; }
        .figures dt { color: var(--muted); font-size: 0.85rem; overflow-wrap: anywhere; }
        .figures strong { display: block; font-size: 1.4rem; font-weight: 650; white-space: nowrap; line-height: 1.3; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
        .figures span { display: block; color: var(--muted); font-size: 0.8rem; line-height: 1.35; }
        .curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)); gap: 0.8rem; }
        img { display: block; max-width: 100%; height: auto; }
        .curves img { width: 100%; }
        .wide, .table { overflow: auto; }
        .wide img { min-width: 38rem; margin: 0 auto; }
        .table { max-height: 26rem; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: 0.4rem 0.8rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
        th { position: sticky; top: 0; background: var(--panel); color: var(--muted); font-size: 0.85rem; font-weight: 600; }
        .text { text-align: left; }
        pre { margin: 0; overflow: auto; max-height: 36rem; font-size: 0.85rem; line-height: 1.5; }
        code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        .digests > div { display: flex; flex-wrap: wrap; gap: 0 1rem; }
        .digests dt { width: 5rem; color: var(--muted); }
        .digests code { overflow-wrap: anywhere; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        @media print { body { background: none; } section { break-inside: avoid; } .table, pre { max-height: none; } }
        """;
}
