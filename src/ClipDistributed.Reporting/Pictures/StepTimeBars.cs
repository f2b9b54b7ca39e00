using ClipDistributed.Reporting.Numbers;
using ClipDistributed.Reporting.Runs;
using ScottPlot;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>Stacked parts of a step's time over the samples seen. Which colour is which stands beside it.</summary>
internal static class StepTimeBars
{
    private const int MaxBars = 80;

    /// <summary>Averages over neighbouring steps; null: not recorded.</summary>
    /// <exception cref="Contracts.Errors.BadInputException">The font is not installed.</exception>
    public static Picture? Render(RunFiles run, ReportTheme theme) =>
        StepParts.Values(run.Steps).Sum() > 0 ? Render(run, PictureStyle.Load(theme)) : null;

    private static Picture Render(RunFiles run, PictureStyle style)
    {
        using var plot = SamplesPlot.Of(run, style, "Time of a step, in parts", value => $"{Figures.Plain(value)} s");
        var bars = run
            .Steps.Chunk(Math.Max(1, (run.Steps.Count + MaxBars - 1) / MaxBars))
            .Select(steps => (Last: steps[^1], Parts: StepParts.Values(steps)))
            .ToArray();
        long before = 0;
        foreach (var (last, parts) in bars)
        {
            double bottom = 0;
            for (int part = 0; part < parts.Length; part++)
            {
                plot.Plot.Add.Bar(
                    new Bar
                    {
                        Position = (before + last.Samples) / 2.0,
                        ValueBase = bottom,
                        Value = bottom + parts[part],
                        Size = last.Samples - before,
                        FillColor = plot.Series(part),
                        LineWidth = 0,
                    }
                );
                bottom += parts[part];
            }
            before = last.Samples;
        }
        // A first step that warms up must not flatten all others.
        double[] sums = [.. bars.Select(bar => bar.Parts.Sum()).Order()];
        return plot.Draw(0, 1.08 * Math.Max(1e-6, Math.Min(sums[^1], 3 * sums[sums.Length / 2])));
    }
}
