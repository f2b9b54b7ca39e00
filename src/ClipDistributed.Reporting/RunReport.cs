using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Reporting.Pages;
using ClipDistributed.Reporting.Pictures;
using ClipDistributed.Reporting.Runs;

namespace ClipDistributed.Reporting;

/// <summary>Writes <c>report.html</c>, <c>curves.png</c> and <c>similarity.png</c> into a run directory.</summary>
public static class RunReport
{
    /// <summary>
    /// Reads what the run has recorded so far. What is missing leaves its section out; without a font the report has no
    /// pictures and says why.
    /// </summary>
    /// <param name="runDirectory">Holds <c>metrics.jsonl</c>; may hold <c>probe.json</c>, <c>run.json</c> and <c>spec.yaml</c>.</param>
    /// <returns>Path of <c>report.html</c>.</returns>
    /// <exception cref="BadInputException">The directory has no <c>metrics.jsonl</c>.</exception>
    public static string Write(string runDirectory)
    {
        var run = RunFiles.Read(runDirectory);
        var (pictures, missing) = Draw(run);
        if (TrainingCurves.Sheet([.. pictures.Curves.Select(curve => curve.Light)], ReportTheme.Light) is { } curves)
            DurableFile.WriteAllBytes(Path.Combine(runDirectory, "curves.png"), curves.Png);
        if (pictures.Similarity is { } similarity)
            DurableFile.WriteAllBytes(Path.Combine(runDirectory, "similarity.png"), similarity.Light.Png);

        string report = Path.Combine(runDirectory, "report.html");
        DurableFile.WriteAllText(report, ReportPage.Render(missing is null ? run : run with { Notes = [.. run.Notes, missing] }, pictures));
        return report;
    }

    private static (ReportPictures Pictures, string? Missing) Draw(RunFiles run)
    {
        try
        {
            ReportFont.Load();
        }
        catch (BadInputException noFont)
        {
            return (new ReportPictures([], null), noFont.Message);
        }
        var curves = TrainingCurves
            .Panels(run, ReportTheme.Light)
            .Zip(TrainingCurves.Panels(run, ReportTheme.Dark), (light, dark) => new ThemedPicture(light, dark));
        var similarity = run.Probe is { } probe
            ? new ThemedPicture(SimilarityMatrix.Render(probe, ReportTheme.Light), SimilarityMatrix.Render(probe, ReportTheme.Dark))
            : null;
        var time =
            StepTimeBars.Render(run, ReportTheme.Light) is { } light && StepTimeBars.Render(run, ReportTheme.Dark) is { } dark
                ? new ThemedPicture(light, dark)
                : null;
        return (new ReportPictures([.. curves], similarity, time), null);
    }
}
