using ClipDistributed.Reporting.Numbers;
using ClipDistributed.Reporting.Runs;
using ScottPlot;
using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>A plot of one quantity of a run over the samples that it has seen.</summary>
internal sealed class SamplesPlot : IDisposable
{
    public const int Width = 440, Height = 290;

    private readonly string title;

    private SamplesPlot(Plot plot, string title, RunFiles run, PictureStyle style) =>
        (Plot, this.title, Run, Style) = (plot, title, run, style);

    /// <param name="tick">Writes a value at the left axis.</param>
    public static SamplesPlot Of(RunFiles run, PictureStyle style, string title, Func<double, string> tick) =>
        new(Empty(style, title, tick), title, run, style);

    public Plot Plot { get; }

    public RunFiles Run { get; }

    public PictureStyle Style { get; }

    public void Dispose() => Plot.Dispose();

    public static Color Of(SKColor colour) => new(colour.Red, colour.Green, colour.Blue);

    /// <summary>The colour of the curve of a number.</summary>
    public Color Series(int number) => Of(Style.Theme.Series[number % Style.Theme.Series.Count]);

    /// <summary>A curve through points; nothing where none of them is finite.</summary>
    /// <param name="name">Empty: not in the legend.</param>
    /// <param name="series">The number of its colour.</param>
    public void AddPoints(IReadOnlyList<(long Samples, double Value)> points, string name, int series, bool isDashed = false)
    {
        var finite = points.Where(point => double.IsFinite(point.Value)).ToArray();
        if (finite.Length == 0)
            return;
        var curve = Plot.Add.Scatter(
            finite.Select(point => (double)point.Samples).ToArray(),
            finite.Select(point => point.Value).ToArray(),
            Series(series)
        );
        curve.LineWidth = 2.4f;
        curve.LinePattern = isDashed ? LinePattern.Dashed : LinePattern.Solid;
        curve.MarkerSize = finite.Length > 30 ? 0 : 7;
        curve.MarkerShape = isDashed ? MarkerShape.OpenSquare : MarkerShape.FilledCircle;
        curve.LegendText = name;
    }

    /// <summary>Where it hides no curve.</summary>
    public void ShowLegendBelow()
    {
        Plot.Legend.Orientation = Orientation.Horizontal;
        Plot.Legend.BackgroundColor = Colors.Transparent;
        Plot.Legend.FontSize = 12;
        Plot.ShowLegend(Edge.Bottom).Padding = new PixelPadding(0);
    }

    /// <param name="name">Of the picture; null: as the plot's title.</param>
    public Picture Draw(double low, double high, string? name = null)
    {
        Plot.Axes.SetLimitsY(low, high);
        long last = Math.Max(
            Run.Steps.Count > 0 ? Run.Steps[^1].Samples : 0,
            Run.Evaluations.Select(evaluation => evaluation.Samples)
                .Concat(Run.Retrievals.Select(retrieval => retrieval.Samples))
                .DefaultIfEmpty(0)
                .Max()
        );
        Plot.Axes.SetLimitsX(0, 1.02 * Math.Max(1, last));
        byte[] png = Plot.GetImageBytes(Width * Picture.Density, Height * Picture.Density, ImageFormat.Png);
        return new Picture(name ?? title, png, Width, Height);
    }

    private static Plot Empty(PictureStyle style, string title, Func<double, string> tick)
    {
        var (theme, font) = style;
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
}
