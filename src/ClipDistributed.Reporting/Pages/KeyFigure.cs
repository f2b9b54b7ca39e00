using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting.Numbers;
using ClipDistributed.Reporting.Runs;

namespace ClipDistributed.Reporting.Pages;

/// <summary>One number at the head of a report.</summary>
internal sealed record KeyFigure(string Label, string Value, string Remark)
{
    /// <summary>What can be said about a run; shorter if less was recorded.</summary>
    public static IReadOnlyList<KeyFigure> Of(RunFiles run)
    {
        var figures = new List<KeyFigure>();
        foreach (string source in run.Sources)
            figures.Add(Accuracy(source, [.. run.Evaluations.Where(evaluation => evaluation.Source == source)]));
        foreach (var last in run.Retrievals.GroupBy(retrieval => retrieval.Source).Select(source => source.Last()))
            figures.Add(
                new(
                    $"Retrieval R@1, {last.Source}",
                    Figures.Percent((last.ImageToText.At1 + last.TextToImage.At1) / 2),
                    $"mean of both ways, {Counted.Of(last.Count, "pair")}"
                )
            );
        if (run.Steps.Count == 0)
            return figures;

        figures.Add(Loss(run));
        figures.Add(new("Samples seen", Figures.Short(run.Steps[^1].Samples), $"{Counted.Of(run.Steps[^1].Step, "step")}"));
        double seconds = run.State?.Seconds ?? run.Steps.Sum(step => step.Seconds);
        figures.Add(new("Time", Figures.Duration(seconds), run.State is null ? "in training steps" : "from start to end"));
        if (run.Goodput is { } goodput)
            figures.Add(
                new(
                    "Goodput",
                    Figures.Percent(goodput),
                    run.Incidents.Count > 0
                        ? $"of the time in steps that count, {Counted.Of(run.Incidents.Count, "incident")}"
                        : "of the time in steps"
                )
            );
        var speeds = run.Steps.Select(step => step.SamplesPerSecond).Where(double.IsFinite).Order().ToArray();
        if (speeds.Length > 0)
            figures.Add(new("Pairs per second", Figures.Whole(speeds[speeds.Length / 2]), "median over all steps"));
        if (run.State?.Parameters is { } parameters)
            figures.Add(new("Parameters", Figures.Short(parameters), "both towers"));
        return figures;
    }

    private static KeyFigure Accuracy(string source, EvaluationMetrics[] evaluations)
    {
        var last = evaluations[^1];
        string fifth = last.HasTop5 && double.IsFinite(last.Top5) ? $"top-5 {Figures.Percent(last.Top5)}, " : "";
        string chance = last.Chance is { } blind ? $"chance {Figures.Percent(blind)}, " : "";
        string remark = $"{fifth}{chance}{Counted.Of(last.Count, "image")}";
        return new($"Top-1, {source}", Figures.Percent(last.Top1), remark);
    }

    private static KeyFigure Loss(RunFiles run)
    {
        string value = FinalLoss.Of(run.Steps)?.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture) ?? "not finite";
        int broken = run.Steps.Count(step => !double.IsFinite(step.Loss));
        int counted = run.Steps.TakeLast(FinalLoss.Steps).Count(step => double.IsFinite(step.Loss));
        string remark = broken > 0 ? $"{Counted.Of(broken, "step")} not finite"
            : run.ChanceLoss is { } chance ? FormattableString.Invariant($"chance {chance:0.00}, mean of last {counted}")
            : $"mean of last {counted}";
        return new("Final loss", value, remark);
    }
}
