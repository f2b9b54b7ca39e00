using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Reporting.Numbers;
using ClipDistributed.Reporting.Runs;
using ScottPlot;
using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>How a run went, over the samples it has seen: loss, zero-shot accuracy, retrieval, held-out loss, logit scale and learning
/// rate.</summary>
public static class TrainingCurves
{
    private const int Gap = 12;

    /// <summary>One picture for each quantity that was recorded; none before the first step.</summary>
    /// <exception cref="BadInputException">The font is not installed.</exception>
    public static IReadOnlyList<Picture> Panels(RunFiles run, ReportTheme theme)
    {
        var style = PictureStyle.Load(theme);
        var panels = new List<Picture>();
        if (run.Steps.Count > 0)
            panels.Add(Loss(run, style));
        if (run.Evaluations.Count > 0)
            panels.Add(Accuracy(run, style));
        if (run.Retrievals.Count > 0)
        {
            panels.Add(Retrieval(run, style));
            panels.Add(HeldOutLoss(run, style));
        }
        if (run.Steps.Any(step => double.IsFinite(step.LogitScale)))
            panels.Add(OneCurve(SamplesPlot.Of(run, style, "Logit scale", Figures.Plain), step => step.LogitScale, series: 2));
        if (run.Steps.Any(step => double.IsFinite(step.Lr)))
            panels.Add(OneCurve(SamplesPlot.Of(run, style, "Learning rate", Figures.Scientific), step => step.Lr, series: 3));
        return panels;
    }

    /// <summary>All panels in one picture, two in a row; null if there are none.</summary>
    public static Picture? Sheet(IReadOnlyList<Picture> panels, ReportTheme theme)
    {
        if (panels.Count == 0)
            return null;
        const int Right = SamplesPlot.Width + Gap, Down = SamplesPlot.Height + Gap;
        int columns = Math.Min(2, panels.Count), rows = (panels.Count + columns - 1) / columns;
        return Picture.Draw(
            "Training curves",
            Gap + columns * Right,
            Gap + rows * Down,
            theme.Ground,
            canvas =>
            {
                for (int i = 0; i < panels.Count; i++)
                {
                    float left = Gap + i % columns * Right, top = Gap + i / columns * Down;
                    Picture.Place(canvas, panels[i].Png, SKRect.Create(left, top, SamplesPlot.Width, SamplesPlot.Height));
                }
            }
        );
    }

    private static Picture Loss(RunFiles run, PictureStyle style)
    {
        using var plot = SamplesPlot.Of(run, style, "Loss", Figures.Plain);
        var finite = run.Steps.Where(step => double.IsFinite(step.Loss)).ToArray();
        double[] samples = [.. finite.Select(step => (double)step.Samples)], losses = [.. finite.Select(step => step.Loss)];
        bool isLong = finite.Length >= 40;
        var each = plot.Plot.Add.ScatterLine(samples, losses, plot.Series(0).WithAlpha(isLong ? 0.35 : 1));
        each.LineWidth = isLong ? 1 : 2.2f;
        if (isLong)
        {
            var smooth = plot.Plot.Add.ScatterLine(samples, Figures.Smooth(losses, losses.Length / 80.0), plot.Series(0));
            smooth.LineWidth = 2.4f;
        }
        if (run.ChanceLoss is { } chance)
            MarkChance(plot, chance);
        MarkNonFinite(plot);
        return plot.Draw(0, 1.12 * Math.Max(losses.DefaultIfEmpty(0).Max(), run.ChanceLoss ?? 1));
    }

    private static void MarkChance(SamplesPlot plot, double chance)
    {
        var colour = SamplesPlot.Of(plot.Style.Theme.Muted);
        plot.Plot.Add.HorizontalLine(chance, 1.4f, colour, LinePattern.Dashed);
        var words = plot.Plot.Add.Text($"chance: ln {plot.Run.Batch:0} = {chance:0.00}", plot.Run.Steps[^1].Samples, chance);
        words.LabelFontName = plot.Style.Font.Name;
        words.LabelFontSize = 12;
        words.LabelFontColor = colour;
        words.LabelAlignment = Alignment.LowerRight;
    }

    // A non-finite loss has no height: it is marked on the floor of the picture.
    private static void MarkNonFinite(SamplesPlot plot)
    {
        double[] where = [.. plot.Run.Steps.Where(step => !double.IsFinite(step.Loss)).Select(step => (double)step.Samples)];
        if (where.Length == 0)
            return;
        var colour = SamplesPlot.Of(plot.Style.Theme.Alarm);
        var marks = plot.Plot.Add.Markers(where, new double[where.Length], MarkerShape.FilledTriangleUp, 11, colour);
        marks.LegendText = $"not finite ({Counted.Of(where.Length, "step")})";
        plot.Plot.ShowLegend(Alignment.LowerLeft);
    }

    private static Picture Accuracy(RunFiles run, PictureStyle style)
    {
        using var plot = SamplesPlot.Of(run, style, "Zero-shot accuracy (top-1)", value => $"{value:0} %");
        foreach (var (i, source) in run.Sources.Index())
        {
            var points = run.Evaluations.Where(evaluation => evaluation.Source == source && double.IsFinite(evaluation.Top1)).ToArray();
            if (points.Length > 0)
                plot.AddPoints(
                    [.. points.Select(point => (point.Samples, 100 * point.Top1))], $"{source}: {100 * points[^1].Top1:0.0} %", i);
        }
        double highest = run.Evaluations.Select(evaluation => 100 * evaluation.Top1).Where(double.IsFinite).DefaultIfEmpty(100).Max();
        plot.ShowLegendBelow();
        return plot.Draw(0, Math.Clamp(1.2 * highest, 10, 104), "Zero-shot accuracy");
    }

    private static Picture Retrieval(RunFiles run, PictureStyle style)
    {
        using var plot = SamplesPlot.Of(run, style, "Retrieval R@1, dashed: text→image", value => $"{value:0} %");
        foreach (var (i, source) in run.Retrievals.GroupBy(retrieval => retrieval.Source).Index())
        {
            plot.AddPoints([.. source.Select(point => (point.Samples, 100 * point.ImageToText.At1))], source.Key, i);
            plot.AddPoints([.. source.Select(point => (point.Samples, 100 * point.TextToImage.At1))], "", i, isDashed: true);
        }
        double highest = run.Retrievals.Select(point => 100 * Math.Max(point.ImageToText.At1, point.TextToImage.At1))
            .Where(double.IsFinite).DefaultIfEmpty(0).Max();
        plot.ShowLegendBelow();
        return plot.Draw(0, 1.1 * Math.Max(5, highest), "Retrieval R@1");
    }

    private static Picture HeldOutLoss(RunFiles run, PictureStyle style)
    {
        using var plot = SamplesPlot.Of(run, style, "Held-out loss", Figures.Plain);
        foreach (var (i, source) in run.Retrievals.GroupBy(retrieval => retrieval.Source).Index())
            plot.AddPoints(
                [.. source.Select(point => (point.Samples, point.Loss))], $"{source.Key}, {Counted.Of(source.Last().Count, "pair")}", i);
        plot.ShowLegendBelow();
        return plot.Draw(0, 1.12 * run.Retrievals.Select(point => point.Loss).Where(double.IsFinite).DefaultIfEmpty(1).Max());
    }

    /// <param name="plot">Is used up.</param>
    private static Picture OneCurve(SamplesPlot plot, Func<StepMetrics, double> value, int series)
    {
        using var used = plot;
        var finite = plot.Run.Steps.Where(step => double.IsFinite(value(step))).ToArray();
        double[] values = [.. finite.Select(value)];
        plot.Plot.Add.ScatterLine(finite.Select(step => (double)step.Samples).ToArray(), values, plot.Series(series)).LineWidth = 2.4f;
        double low = Math.Min(0, values.Min()), high = Math.Max(values.Max(), low + 1e-12);
        return plot.Draw(low, high + 0.08 * (high - low));
    }
}
