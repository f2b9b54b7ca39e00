using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting.Numbers;
using ClipDistributed.Reporting.Runs;

namespace ClipDistributed.Reporting.Pages;

/// <summary>The report as one HTML file that refers to nothing outside itself.</summary>
internal static class ReportPage
{
    public static string Render(RunFiles run, ReportPictures pictures)
    {
        var page = new StringBuilder();
        page.Append($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{ReportStyle.Policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{Escape(run.Name)} – training report</title>
            <style>{ReportStyle.Css}</style>
            </head>
            <body>
            <main>
            <header>
            <p class="kind">ClipDistributed training report</p>
            <h1>{Escape(run.Name)}</h1>
            <p class="lead">{Escape(Summary(run))}</p>
            </header>

            """);
        AppendNotes(page, run.Notes);
        AppendFigures(page, KeyFigure.Of(run));
        AppendCurves(page, pictures.Curves);
        AppendSimilarity(page, run.Probe, pictures.Similarity);
        PredictionSection.Append(page, run.Predictions);
        AppendEvaluations(page, run);
        RunSections.AppendRetrieval(page, run);
        RunSections.AppendTime(page, run, pictures.StepTime);
        RunSections.AppendData(page, run);
        RunSections.AppendIncidents(page, run);
        RunSections.AppendAttempts(page, run);
        AppendSpec(page, run.Spec);
        AppendDigests(page, run);
        page.Append("</main>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static string Summary(RunFiles run) =>
        run.Steps is [.., var last]
            ? $"{Counted.Of(last.Step, "step")} of {Figures.Whole(run.Batch ?? 0)} image–caption pairs, epoch {last.Epoch} at the "
                + $"end.{Standing(run)}"
            : "No step has been recorded yet.";

    /// <summary>Nothing renews the report of a run that is cancelled or whose last replica is lost.</summary>
    private static string Standing(RunFiles run)
    {
        if (run.State is not { Finished: false })
            return "";
        string time = run.Recorded is { } recorded ? $", {UtcTime.Readable(recorded)}" : "";
        return $" The run was not finished then{time}: what it did later, and how it ended, is not in this report.";
    }

    private static void AppendNotes(StringBuilder page, IReadOnlyList<string> notes)
    {
        foreach (string note in notes)
            page.Append($"<p class=\"note\" role=\"note\">{Escape(note)}</p>\n");
    }

    private static void AppendFigures(StringBuilder page, IReadOnlyList<KeyFigure> figures)
    {
        if (figures.Count == 0)
            return;
        page.Append("<section id=\"figures\" aria-label=\"Key figures\">\n<dl class=\"figures\">\n");
        foreach (var figure in figures)
            page.Append(
                $"<div><dt>{Escape(figure.Label)}</dt>"
                    + $"<dd><strong>{Escape(figure.Value)}</strong><span>{Escape(figure.Remark)}</span></dd></div>\n"
            );
        page.Append("</dl>\n</section>\n");
    }

    private static void AppendCurves(StringBuilder page, IReadOnlyList<ThemedPicture> curves)
    {
        if (curves.Count == 0)
            return;
        page.Append("<section id=\"curves\">\n<h2>Training curves</h2>\n<div class=\"curves\">\n");
        foreach (var curve in curves)
            Markup.AppendPicture(page, curve, $"{curve.Light.Title} over samples seen");
        page.Append("</div>\n</section>\n");
    }

    private static void AppendSimilarity(StringBuilder page, SimilarityProbe? probe, ThemedPicture? similarity)
    {
        if (probe is null || similarity is null)
            return;
        page.Append("<section id=\"similarity\">\n<h2>What the model matches</h2>\n");
        page.Append(
            $"<p>Captions against images of a probe batch after step {Figures.Whole(probe.Step)}: cosine of their embeddings. The "
                + $"true pairs are on the diagonal.</p>\n"
        );
        page.Append("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Similarity matrix\">\n");
        Markup.AppendPicture(
            page,
            similarity,
            $"Similarity matrix of {Counted.Plain(probe.Captions.Count, "caption")} and "
                + $"{Counted.Plain(probe.ImagesPng.Count, "image")}: {string.Join("; ", probe.Captions)}"
        );
        page.Append("</div>\n</section>\n");
    }

    private static void AppendEvaluations(StringBuilder page, RunFiles run)
    {
        if (run.Evaluations.Count == 0)
            return;
        page.Append("<section id=\"evaluations\">\n<h2>Zero-shot classification</h2>\n");
        Markup.AppendTable(page, "Zero-shot classification", ["Step", "Samples", "<Source", "Top-1", "Top-5", "Images"],
            run.Evaluations.OrderByDescending(evaluation => evaluation.Step).Select(evaluation => (IReadOnlyList<string>)
            [
                Figures.Whole(evaluation.Step), Figures.Whole(evaluation.Samples), Escape(evaluation.Source),
                Figures.Percent(evaluation.Top1),
                evaluation.HasTop5 ? Figures.Percent(evaluation.Top5) : "–",
                Figures.Whole(evaluation.Count),
            ]));
        page.Append("</section>\n");
    }

    private static void AppendSpec(StringBuilder page, string? spec)
    {
        if (string.IsNullOrWhiteSpace(spec))
            return;
        page.Append(
            $"<section id=\"spec\">\n<h2>Spec</h2>\n<pre tabindex=\"0\" role=\"region\" "
                + $"aria-label=\"Spec\"><code>{Escape(spec.Trim())}</code></pre>\n</section>\n"
        );
    }

    private static void AppendDigests(StringBuilder page, RunFiles run)
    {
        if (run.Steps is not [.., var last] || (last.PlanDigest is null && last.ContentDigest is null))
            return;
        page.Append("<section id=\"digests\">\n<h2>Digests</h2>\n");
        page.Append(
            $"<p>After step {Figures.Whole(last.Step)}. A run with the same spec, data and seed has the same digests on any "
                + $"cluster.</p>\n<dl class=\"digests\">\n"
        );
        page.Append($"<div><dt>plan</dt><dd><code>{Escape(last.PlanDigest ?? "–")}</code></dd></div>\n");
        page.Append($"<div><dt>content</dt><dd><code>{Escape(last.ContentDigest ?? "–")}</code></dd></div>\n</dl>\n</section>\n");
    }

    private static string Escape(string? text) => Markup.Escape(text);
}
