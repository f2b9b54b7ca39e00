using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting.Runs;
using ScottPlot;
using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>How a run went, over the samples it has seen: loss, zero-shot accuracy, retrieval, held-out loss, logit scale and learning
/// rate; and the time of a step.</summary>
public static class TrainingCurves
{
    private const int Width = 440, Height = 290, Gap = 12, MostBars = 80;

    /// <summary>One picture for each quantity that was recorded; none before the first step.</summary>
    /// <exception cref="Contracts.Errors.BadInputException">The font is not installed.</exception>
    public static IReadOnlyList<Picture> Panels(RunFiles run, ReportTheme theme)
    {
        var font = ReportFont.Load();
        var panels = new List<Picture>();
        if (run.Steps.Count > 0)
            panels.Add(Loss(run, theme, font));
        if (run.Evaluations.Count > 0)
            panels.Add(Accuracy(run, theme, font));
        if (run.Retrievals.Count > 0)
        {
            panels.Add(Retrieval(run, theme, font));
            panels.Add(HeldOutLoss(run, theme, font));
        }
        if (run.Steps.Any(step => double.IsFinite(step.LogitScale)))
            panels.Add(OneCurve("Logit scale", run, step => step.LogitScale, theme.Series[2], theme, font, Figures.Plain));
        if (run.Steps.Any(step => double.IsFinite(step.Lr)))
            panels.Add(OneCurve("Learning rate", run, step => step.Lr, theme.Series[3], theme, font, Figures.Scientific));
        return panels;
    }

    /// <summary>Stacked parts of a step's time, averaged over neighbouring steps; whoever shows it says which colour is which. Null: not
    /// recorded.</summary>
    /// <exception cref="Contracts.Errors.BadInputException">The font is not installed.</exception>
    public static Picture? StepTime(RunFiles run, ReportTheme theme) =>
        StepParts.Values(run.Steps).Sum() > 0 ? StepTime(run, theme, ReportFont.Load()) : null;

    /// <summary>All panels in one picture, two in a row; null if there are none.</summary>
    public static Picture? Sheet(IReadOnlyList<Picture> panels, ReportTheme theme)
    {
        if (panels.Count == 0)
            return null;
        int columns = Math.Min(2, panels.Count),
            rows = (panels.Count + columns - 1) / columns;
        return Picture.Draw(
            "Training curves",
            Gap + columns * (Width + Gap),
            Gap + rows * (Height + Gap),
            theme.Ground,
            canvas =>
            {
                for (int i = 0; i < panels.Count; i++)
                    Picture.Place(
                        canvas,
                        panels[i].Png,
                        SKRect.Create(Gap + i % columns * (Width + Gap), Gap + i / columns * (Height + Gap), Width, Height)
                    );
            }
        );
    }

    private static Picture Loss(RunFiles run, ReportTheme theme, ReportFont font)
    {
        using var plot = Empty("Loss", theme, font, Figures.Plain);
        var finite = run.Steps.Where(step => double.IsFinite(step.Loss)).ToArray();
        double[] samples = [.. finite.Select(step => (double)step.Samples)], losses = [.. finite.Select(step => step.Loss)];
        bool isLong = finite.Length >= 40;
        var each = plot.Add.ScatterLine(samples, losses, Of(theme.Series[0]).WithAlpha(isLong ? 0.35 : 1));
        each.LineWidth = isLong ? 1 : 2.2f;
        if (isLong)
        {
            var smooth = plot.Add.ScatterLine(samples, Figures.Smooth(losses, losses.Length / 80.0), Of(theme.Series[0]));
            smooth.LineWidth = 2.4f;
        }
        if (run.ChanceLoss is { } chance)
        {
            plot.Add.HorizontalLine(chance, 1.4f, Of(theme.Muted), LinePattern.Dashed);
            var words = plot.Add.Text($"chance: ln {run.Batch:0} = {chance:0.00}", run.Steps[^1].Samples, chance);
            words.LabelFontName = font.Name;
            words.LabelFontSize = 12;
            words.LabelFontColor = Of(theme.Muted);
            words.LabelAlignment = Alignment.LowerRight;
        }
        MarkNotFinite(plot, run, theme);
        plot.Axes.SetLimitsY(0, 1.12 * Math.Max(losses.DefaultIfEmpty(0).Max(), run.ChanceLoss ?? 1));
        SpanSamples(plot, run);
        return Encode("Loss", plot);
    }

    // A loss that was not finite has no height: it is marked on the floor of the picture.
    private static void MarkNotFinite(Plot plot, RunFiles run, ReportTheme theme)
    {
        double[] where = [.. run.Steps.Where(step => !double.IsFinite(step.Loss)).Select(step => (double)step.Samples)];
        if (where.Length == 0)
            return;
        var marks = plot.Add.Markers(where, new double[where.Length], MarkerShape.FilledTriangleUp, 11, Of(theme.Alarm));
        marks.LegendText = $"not finite ({Counted.Of(where.Length, "step")})";
        plot.ShowLegend(Alignment.LowerLeft);
    }

    private static Picture Accuracy(RunFiles run, ReportTheme theme, ReportFont font)
    {
        using var plot = Empty("Zero-shot accuracy (top-1)", theme, font, value => $"{value:0} %");
        foreach (var (i, source) in run.Sources.Index())
        {
            var points = run.Evaluations.Where(evaluation => evaluation.Source == source && double.IsFinite(evaluation.Top1)).ToArray();
            if (points.Length == 0)
                continue;
            var curve = plot.Add.Scatter(
                points.Select(point => (double)point.Samples).ToArray(),
                points.Select(point => 100 * point.Top1).ToArray(),
                Of(theme.Series[i % theme.Series.Count])
            );
            curve.LineWidth = 2.4f;
            curve.MarkerSize = points.Length > 30 ? 0 : 7;
            curve.LegendText = $"{source}: {100 * points[^1].Top1:0.0} %";
        }
        double highest = run.Evaluations.Select(evaluation => 100 * evaluation.Top1).Where(double.IsFinite).DefaultIfEmpty(100).Max();
        plot.Axes.SetLimitsY(0, Math.Clamp(1.2 * highest, 10, 104));
        SpanSamples(plot, run);
        ShowLegendBelow(plot);
        return Encode("Zero-shot accuracy", plot);
    }

    private static Picture Retrieval(RunFiles run, ReportTheme theme, ReportFont font)
    {
        using var plot = Empty("Retrieval R@1, dashed: text→image", theme, font, value => $"{value:0} %");
        var sources = run.Retrievals.GroupBy(retrieval => retrieval.Source).ToArray();
        foreach (var (i, source) in sources.Index())
        {
            AddPoints(
                plot,
                [.. source.Select(point => (point.Samples, 100 * point.ImageToText.At1))],
                source.Key,
                theme.Series[i % theme.Series.Count]
            );
            AddPoints(
                plot,
                [.. source.Select(point => (point.Samples, 100 * point.TextToImage.At1))],
                "",
                theme.Series[i % theme.Series.Count],
                isDashed: true
            );
        }
        plot.Axes.SetLimitsY(
            0,
            1.1
                * Math.Max(
                    5,
                    run.Retrievals.Select(point => 100 * Math.Max(point.ImageToText.At1, point.TextToImage.At1))
                        .Where(double.IsFinite)
                        .DefaultIfEmpty(0)
                        .Max()
                )
        );
        SpanSamples(plot, run);
        ShowLegendBelow(plot);
        return Encode("Retrieval R@1", plot);
    }

    private static Picture HeldOutLoss(RunFiles run, ReportTheme theme, ReportFont font)
    {
        using var plot = Empty("Held-out loss", theme, font, Figures.Plain);
        foreach (var (i, source) in run.Retrievals.GroupBy(retrieval => retrieval.Source).Index())
            AddPoints(
                plot,
                [.. source.Select(point => (point.Samples, point.Loss))],
                $"{source.Key}, {Counted.Of(source.Last().Count, "pair")}",
                theme.Series[i % theme.Series.Count]
            );
        plot.Axes.SetLimitsY(0, 1.12 * run.Retrievals.Select(point => point.Loss).Where(double.IsFinite).DefaultIfEmpty(1).Max());
        SpanSamples(plot, run);
        ShowLegendBelow(plot);
        return Encode("Held-out loss", plot);
    }

    private static void AddPoints(
        Plot plot,
        IReadOnlyList<(long Samples, double Value)> points,
        string name,
        SKColor colour,
        bool isDashed = false
    )
    {
        var finite = points.Where(point => double.IsFinite(point.Value)).ToArray();
        if (finite.Length == 0)
            return;
        var curve = plot.Add.Scatter(
            finite.Select(point => (double)point.Samples).ToArray(),
            finite.Select(point => point.Value).ToArray(),
            Of(colour)
        );
        curve.LineWidth = 2.4f;
        curve.LinePattern = isDashed ? LinePattern.Dashed : LinePattern.Solid;
        curve.MarkerSize = finite.Length > 30 ? 0 : 7;
        curve.MarkerShape = isDashed ? MarkerShape.OpenSquare : MarkerShape.FilledCircle;
        curve.LegendText = name; // empty: not in the legend
    }

    private static Picture StepTime(RunFiles run, ReportTheme theme, ReportFont font)
    {
        using var plot = Empty("Time of a step, in parts", theme, font, value => $"{Figures.Plain(value)} s");
        var bars = run
            .Steps.Chunk(Math.Max(1, (run.Steps.Count + MostBars - 1) / MostBars))
            .Select(steps => (Last: steps[^1], Parts: StepParts.Values(steps)))
            .ToArray();
        long before = 0;
        foreach (var (last, parts) in bars)
        {
            double bottom = 0;
            for (int part = 0; part < parts.Length; part++)
            {
                plot.Add.Bar(
                    new Bar
                    {
                        Position = (before + last.Samples) / 2.0,
                        ValueBase = bottom,
                        Value = bottom + parts[part],
                        Size = last.Samples - before,
                        FillColor = Of(theme.Series[part % theme.Series.Count]),
                        LineWidth = 0,
                    }
                );
                bottom += parts[part];
            }
            before = last.Samples;
        }
        // A first step that warms up must not flatten all others.
        double[] sums = [.. bars.Select(bar => bar.Parts.Sum()).Order()];
        plot.Axes.SetLimitsY(0, 1.08 * Math.Max(1e-6, Math.Min(sums[^1], 3 * sums[sums.Length / 2])));
        SpanSamples(plot, run);
        return Encode("Time of a step, in parts", plot);
    }

    private static Picture OneCurve(
        string title,
        RunFiles run,
        Func<StepMetrics, double> value,
        SKColor colour,
        ReportTheme theme,
        ReportFont font,
        Func<double, string> tick
    )
    {
        using var plot = Empty(title, theme, font, tick);
        var finite = run.Steps.Where(step => double.IsFinite(value(step))).ToArray();
        double[] values = [.. finite.Select(value)];
        plot.Add.ScatterLine(finite.Select(step => (double)step.Samples).ToArray(), values, Of(colour)).LineWidth = 2.4f;
        double low = Math.Min(0, values.Min()), high = Math.Max(values.Max(), low + 1e-12);
        plot.Axes.SetLimitsY(low, high + 0.08 * (high - low));
        SpanSamples(plot, run);
        return Encode(title, plot);
    }

    /// <summary>Where it hides no curve.</summary>
    private static void ShowLegendBelow(Plot plot)
    {
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.BackgroundColor = Colors.Transparent;
        plot.Legend.FontSize = 12;
        plot.ShowLegend(Edge.Bottom).Padding = new PixelPadding(0);
    }

    private static void SpanSamples(Plot plot, RunFiles run)
    {
        long last = Math.Max(
            run.Steps.Count > 0 ? run.Steps[^1].Samples : 0,
            run.Evaluations.Select(evaluation => evaluation.Samples)
                .Concat(run.Retrievals.Select(retrieval => retrieval.Samples))
                .DefaultIfEmpty(0)
                .Max()
        );
        plot.Axes.SetLimitsX(0, 1.02 * Math.Max(1, last));
    }

    private static Plot Empty(string title, ReportTheme theme, ReportFont font, Func<double, string> tick)
    {
        var plot = new Plot { ScaleFactor = Picture.Density };
        plot.FigureBackground.Color = plot.DataBackground.Color = Of(theme.Ground);
        plot.Axes.Color(Of(theme.Muted));
        plot.Axes.Right.FrameLineStyle.IsVisible = plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Left.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Of(theme.Line);
        plot.Title(title, size: 16);
        plot.Axes.Title.Label.ForeColor = Of(theme.Ink);
        plot.XLabel("samples seen", size: 12);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.TickLabelStyle.FontSize = plot.Axes.Bottom.TickLabelStyle.FontSize = 12.5f;
        foreach (var axis in new IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
            axis.MinorTickStyle.Length = 0;
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = Figures.Short };
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = tick };
        plot.Legend.BackgroundColor = Of(theme.Ground).WithAlpha(0.85);
        plot.Legend.FontColor = Of(theme.Ink);
        plot.Legend.FontSize = 13;
        plot.Legend.OutlineColor = Colors.Transparent;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Font.Set(font.Name);
        plot.Legend.FontName = font.Name;
        return plot;
    }

    private static Picture Encode(string title, Plot plot) =>
        new(title, plot.GetImageBytes(Width * Picture.Density, Height * Picture.Density, ImageFormat.Png), Width, Height);

    private static Color Of(SKColor colour) => new(colour.Red, colour.Green, colour.Blue);
}
