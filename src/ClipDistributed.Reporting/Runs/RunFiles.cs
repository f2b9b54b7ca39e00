using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Reporting.Runs;

/// <summary>
/// What a run directory holds. A running or killed run leaves files incomplete: lines and files that cannot be read are
/// left out and told in <see cref="Notes"/>.
/// </summary>
/// <param name="Name">From <c>run.json</c>; else the directory's.</param>
/// <param name="State">From <c>run.json</c>; null if there is none.</param>
/// <param name="Steps">In order; of a step that was done twice the later record.</param>
/// <param name="Evaluations">In order of step, then as written.</param>
/// <param name="Probe">Null if there is none.</param>
/// <param name="Spec">Text of <c>spec.yaml</c>, null if there is none.</param>
/// <param name="Notes">One sentence for each thing that could not be read.</param>
public sealed record RunFiles(
    string Name,
    RunState? State,
    IReadOnlyList<StepMetrics> Steps,
    IReadOnlyList<EvaluationMetrics> Evaluations,
    SimilarityProbe? Probe,
    string? Spec,
    IReadOnlyList<string> Notes)
{
    /// <summary>Pairs in a global batch; null before the first step.</summary>
    public double? Batch => Steps is [.., { Step: > 0 } last] ? (double)last.Samples / last.Step : null;

    /// <summary>Loss of a model that guesses: ln(batch).</summary>
    public double? ChanceLoss => Batch is > 1 and var batch ? Math.Log(batch) : null;

    /// <summary>Names of the validation sources in the order of their first evaluation.</summary>
    public IReadOnlyList<string> Sources => [.. Evaluations.Select(evaluation => evaluation.Source).Distinct()];

    /// <exception cref="BadInputException">There is no such directory, or no <c>metrics.jsonl</c> in it.</exception>
    public static RunFiles Read(string directory)
    {
        var files = new RunDirectory(directory);
        if (!File.Exists(files.Metrics))
            throw new BadInputException($"{directory} has no metrics.jsonl; name the directory of a run that has made at least one step.");

        var notes = new List<string>();
        var (steps, evaluations) = ReadMetrics(files.Metrics, notes);
        var probe = Load(files.Probe, SimilarityProbe.Load, notes);
        if (probe is { IsComplete: false })
        {
            notes.Add("probe.json is left out: its captions, images and similarities do not fit together.");
            probe = null;
        }
        var state = Load(files.State, RunState.Load, notes);
        return new RunFiles(
            state?.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))), state,
            steps, evaluations, probe, File.Exists(files.Spec) ? File.ReadAllText(files.Spec) : null, notes);
    }

    private static (StepMetrics[] Steps, EvaluationMetrics[] Evaluations) ReadMetrics(string path, List<string> notes)
    {
        var steps = new SortedDictionary<long, StepMetrics>();
        var evaluations = new Dictionary<(long Step, string Source), EvaluationMetrics>();
        int unreadable = 0;
        // The run may still be appending.
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (file.ReadLine() is { } line)
        {
            switch (ReplicaMessage.TryParse(line))
            {
                case StepMetrics step:
                    steps[step.Step] = step;
                    break;
                case EvaluationMetrics evaluation:
                    evaluations[(evaluation.Step, evaluation.Source)] = evaluation;
                    break;
                case null when !string.IsNullOrWhiteSpace(line):
                    unreadable++;
                    break;
            }
        }
        if (unreadable > 0)
            notes.Add($"metrics.jsonl has {unreadable} line{(unreadable == 1 ? "" : "s")} that cannot be read (a killed run leaves its last line cut off).");
        return ([.. steps.Values], [.. evaluations.Values.OrderBy(evaluation => evaluation.Step)]);
    }

    private static T? Load<T>(string path, Func<string, T> load, List<string> notes)
        where T : class
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return load(path);
        }
        catch (JsonException broken)
        {
            notes.Add($"{Path.GetFileName(path)} is left out: it is not complete JSON ({broken.Message})");
            return null;
        }
    }
}
