using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Reporting.Runs;

/// <summary>
/// What a run directory holds. A running or killed run leaves files incomplete: lines and files that cannot be read are
/// left out and listed in <see cref="Notes"/>.
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
    RunInfo? State,
    IReadOnlyList<StepMetrics> Steps,
    IReadOnlyList<EvaluationMetrics> Evaluations,
    SimilarityProbe? Probe,
    string? Spec,
    IReadOnlyList<string> Notes)
{
    private const int MaxSpec = 1 << 20;

    /// <summary>In order of step, then as written.</summary>
    public IReadOnlyList<RetrievalMetrics> Retrievals { get; init; } = [];

    /// <summary>When the last line of <c>metrics.jsonl</c> was written; null where that is not known.</summary>
    public DateTimeOffset? Recorded { get; init; }

    /// <summary>From <c>predictions.json</c>; null if there is none.</summary>
    public PredictionSample? Predictions { get; init; }

    /// <summary>From <c>manifest.json</c>; null if there is none.</summary>
    public DatasetManifest? Data { get; init; }

    /// <summary>From <c>events.jsonl</c>: each time that replicas began to compute together.</summary>
    public IReadOnlyList<RunStarted> Starts { get; init; } = [];

    /// <summary>
    /// From <c>events.jsonl</c> and <c>coordinator.jsonl</c>: what people should know and what they asked for, in order of time; older
    /// lines without a time first.
    /// </summary>
    public IReadOnlyList<RunRecord> Notices { get; init; } = [];

    /// <summary>From <c>coordinator.jsonl</c>: each as it was known last, in the order in which they were found.</summary>
    public IReadOnlyList<IncidentRecorded> Incidents { get; init; } = [];

    /// <summary>The part of its time that the run spent in steps that count, 0 to 1; null where that is not known.</summary>
    public double? Goodput => Incidents is [.., { WallSeconds: > 0 } last] ? last.UsefulSeconds / last.WallSeconds
        : State is { Seconds: > 0 } && Steps.Count > 0 ? Math.Min(1, Steps.Sum(step => step.Seconds) / State.Seconds)
        : null;

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
        var lines = ReadLines(files.Metrics, notes);
        var probe = Load(files.Probe, SimilarityProbe.Load, notes);
        var predictions = Load(files.Predictions, PredictionSample.Load, notes);
        var events = Load(files.Events, path => ReadLines(path, notes), notes) ?? [];
        var coordinator = Load(files.CoordinatorEvents, path => ReadLines(path, notes), notes) ?? [];
        var state = Load(files.Info, RunInfo.Load, notes);
        return new RunFiles(
            state?.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))), state,
            [.. Latest(lines.Select(line => line.Step).OfType<StepMetrics>(), step => step.Step).OrderBy(step => step.Step)],
            [
                .. Latest(
                        lines.Select(line => line.Evaluation).OfType<EvaluationMetrics>(),
                        evaluation => (evaluation.Step, evaluation.Source))
                    .OrderBy(evaluation => evaluation.Step),
            ],
            probe,
            Load(files.Spec, path => InputFile.ReadText(path, null, MaxSpec), notes),
            notes
        )
        {
            Retrievals =
            [
                .. Latest(
                        lines.Select(line => line.Retrieval).OfType<RetrievalMetrics>(),
                        retrieval => (retrieval.Step, retrieval.Source))
                    .OrderBy(retrieval => retrieval.Step),
            ],
            Recorded = lines is [.., var newest] ? newest.Time?.ToDateTimeOffset() : null,
            Predictions = predictions,
            Data = Load(files.Manifest, DatasetManifest.Load, notes),
            Starts = [.. events.Select(line => line.Started).OfType<RunStarted>()],
            Notices =
            [
                .. events
                    .Concat(coordinator)
                    .Where(line => line.Notice is not null || line.Request is not null)
                    .OrderBy(line => line.Time?.ToDateTimeOffset() ?? DateTimeOffset.MinValue),
            ],
            Incidents =
            [
                .. Latest(coordinator.Select(line => line.Incident).OfType<IncidentRecorded>(), incident => incident.Number)
                    .OrderBy(incident => incident.Number),
            ],
        };
    }

    /// <summary>Of each key the record that was written last, in the order of the keys' first ones.</summary>
    private static IEnumerable<T> Latest<T, TKey>(IEnumerable<T> records, Func<T, TKey> key) =>
        records.GroupBy(key).Select(same => same.Last());

    private static List<RunRecord> ReadLines(string path, List<string> notes)
    {
        var lines = new List<RunRecord>();
        int unreadable = 0;
        foreach (string? line in RunLines.Read(path))
        {
            if (line is not null && RunRecordJson.TryParse(line) is { } read && IsWhole(read))
                lines.Add(read);
            else
                unreadable++;
        }
        if (unreadable > 0)
            notes.Add(
                $"{Path.GetFileName(path)} has {Counted.Plain(unreadable, "line")} that cannot be read (a killed run leaves its "
                    + $"last line cut off)."
            );
        return lines;
    }

    /// <summary>A damaged line may lack what its kind always has.</summary>
    private static bool IsWhole(RunRecord record) => record switch
    {
        { Evaluation: { } evaluation } => evaluation.Source != "",
        { Retrieval: { } retrieval } => retrieval is { Source: not "", ImageToText: not null, TextToImage: not null },
        { Request: { } request } => request.Request != "",
        { Incident: { } incident } => incident is { What: not "", Opened: not null },
        _ => true,
    };

    private static T? Load<T>(string path, Func<string, T> load, List<string> notes)
        where T : class
    {
        if (FileKinds.Of(path) == FileKind.Missing)
            return null;
        try
        {
            return load(path);
        }
        catch (BadInputException broken)
        {
            notes.Add($"{Path.GetFileName(path)} is left out: {broken.Message}");
            return null;
        }
    }
}
