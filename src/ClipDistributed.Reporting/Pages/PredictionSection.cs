using ClipDistributed.Contracts.Errors;
using System.Text;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting.Numbers;

namespace ClipDistributed.Reporting.Pages;

/// <summary>Images that the trained model takes for what they are, and images that it does not.</summary>
internal static class PredictionSection
{
    public static void Append(StringBuilder page, PredictionSample? sample)
    {
        var sources = (sample?.Sources ?? []).Where(source => source.Correct.Count + source.Wrong.Count > 0).ToArray();
        if (sources.Length == 0)
            return;
        page.Append("<section id=\"predictions\">\n<h2>Right and wrong</h2>\n");
        page.Append(
            $"<p>How the model classifies some validation images after step {Figures.Whole(sample!.Step)}: its most probable "
                + $"classes, the true one in bold.</p>\n"
        );
        foreach (var source in sources)
        {
            page.Append($"<h3>{Markup.Escape(source.Name)}</h3>\n");
            Append(page, "Right", source.Correct, source.Looked);
            Append(page, "Wrong", source.Wrong, source.Looked);
        }
        page.Append("</section>\n");
    }

    private static void Append(StringBuilder page, string heading, IReadOnlyList<Prediction> predictions, int looked)
    {
        page.Append($"<h4>{heading}</h4>\n");
        if (predictions.Count == 0)
        {
            page.Append($"<p>None among the first {Counted.Of(looked, "image")}.</p>\n");
            return;
        }
        page.Append("<ul class=\"predictions\">\n");
        foreach (var prediction in predictions)
        {
            string label = Markup.Escape(prediction.Label);
            page.Append(
                $"<li><img src=\"{Markup.Source(prediction.ImagePng)}\" width=\"96\" height=\"96\" alt=\"An image of the class {label}\">\n"
            );
            page.Append($"<div><strong>{label}</strong>\n<ol>\n");
            foreach (var guess in prediction.Guesses)
            {
                int width = (int)Math.Round(100 * (double.IsFinite(guess.Probability) ? Math.Clamp(guess.Probability, 0, 1) : 0));
                string kind = guess.Class == prediction.Label ? " class=\"true\"" : "";
                page.Append(
                    $"<li{kind}><span>{Markup.Escape(guess.Class)}</span><b>{Figures.Percent(guess.Probability)}</b><i "
                        + $"class=\"w{width}\"></i></li>\n"
                );
            }
            page.Append("</ol></div></li>\n");
        }
        page.Append("</ul>\n");
    }
}
