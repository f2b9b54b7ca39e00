using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Reporting.Runs;

/// <summary>
/// What a run directory holds. A running or killed run leaves files incomplete: lines and files that cannot be read are
/// left out and told in <see cref="Notes"/>.
/// </summary>
/// <param name="Info">From <c>run.json</c>; its name falls back to the directory's.</param>
/// <param name="Steps">In order; of a step that was done twice the later record.</param>
/// <param name="Evaluations">In order of step, then as written.</param>
/// <param name="Probe">Null if there is none.</param>
/// <param name="Spec">Text of <c>spec.yaml</c>, null if there is none.</param>
/// <param name="Notes">One sentence for each thing that could not be read.</param>
public sealed record RunFiles(
    RunInfo Info,
    IReadOnlyList<StepRecord> Steps,
    IReadOnlyList<EvaluationRecord> Evaluations,
    ProbeRecord? Probe,
    string? Spec,
    IReadOnlyList<string> Notes)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new AnyDouble() },
    };

    /// <summary>Pairs in a global batch; null before the first step.</summary>
    public double? Batch => Steps is [.., { Step: > 0 } last] ? (double)last.Samples / last.Step : null;

    /// <summary>Loss of a model that guesses: ln(batch).</summary>
    public double? ChanceLoss => Batch is > 1 and var batch ? Math.Log(batch) : null;

    /// <summary>Names of the validation sources in the order of their first evaluation.</summary>
    public IReadOnlyList<string> Sources => [.. Evaluations.Select(evaluation => evaluation.Source).Distinct()];

    /// <exception cref="BadInputException">There is no such directory, or no <c>metrics.jsonl</c> in it.</exception>
    public static RunFiles Read(string directory)
    {
        string metrics = Path.Combine(directory, "metrics.jsonl");
        if (!File.Exists(metrics))
            throw new BadInputException($"{directory} has no metrics.jsonl; name the directory of a run that has made at least one step.");

        var notes = new List<string>();
        var (steps, evaluations) = ReadMetrics(metrics, notes);
        var probe = ReadJson<ProbeRecord>(Path.Combine(directory, "probe.json"), notes);
        if (probe is { IsComplete: false })
        {
            notes.Add("probe.json is left out: its captions, images and similarities do not fit together.");
            probe = null;
        }
        var info = ReadJson<RunInfo>(Path.Combine(directory, "run.json"), notes) ?? new RunInfo();
        string spec = Path.Combine(directory, "spec.yaml");
        return new RunFiles(
            info with { Name = info.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))) },
            steps, evaluations, probe, File.Exists(spec) ? File.ReadAllText(spec) : null, notes);
    }

    private static (StepRecord[] Steps, EvaluationRecord[] Evaluations) ReadMetrics(string path, List<string> notes)
    {
        var steps = new SortedDictionary<long, StepRecord>();
        var evaluations = new Dictionary<(long Step, string Source), EvaluationRecord>();
        int unreadable = 0;
        // The run may still be appending.
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (file.ReadLine() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                using var json = JsonDocument.Parse(line);
                string? kind = json.RootElement.GetProperty("kind").GetString();
                if (kind == "step" && json.Deserialize<StepRecord>(Json) is { } step)
                    steps[step.Step] = step;
                else if (kind == "evaluation" && json.Deserialize<EvaluationRecord>(Json) is { Source: not null } evaluation)
                    evaluations[(evaluation.Step, evaluation.Source)] = evaluation;
            }
            catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                unreadable++;
            }
        }
        if (unreadable > 0)
            notes.Add($"metrics.jsonl has {unreadable} line{(unreadable == 1 ? "" : "s")} that cannot be read (a killed run leaves its last line cut off).");
        return ([.. steps.Values], [.. evaluations.Values.OrderBy(evaluation => evaluation.Step)]);
    }

    private static T? ReadJson<T>(string path, List<string> notes)
        where T : class
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json);
        }
        catch (JsonException broken)
        {
            notes.Add($"{Path.GetFileName(path)} is left out: it is not complete JSON ({broken.Message})");
            return null;
        }
    }

    // JSON has no NaN: writers put null or a string in its place.
    private sealed class AnyDouble : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.Number => reader.GetDouble(),
            JsonTokenType.String when double.TryParse(reader.GetString(), out double value) => value,
            JsonTokenType.Null or JsonTokenType.String => double.NaN,
            _ => throw new JsonException($"expected a number, found {reader.TokenType}"),
        };

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }
}
