using System.Globalization;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;

namespace ClipDistributed.Cli.Exports;

/// <summary>A run as it is exported: what its files say of it.</summary>
/// <param name="name">What it is called there.</param>
/// <param name="state">As its coordinator knows it; unspecified: it is not known.</param>
internal sealed class ExportedRun(string name, ExportedFiles files, RunState state)
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private readonly RunInfo info = RunInfo.Load(files.Info);

    public string Name => name;

    /// <summary>The same wherever it is exported from.</summary>
    public string Id => info.Id != "" ? info.Id : info.Name;

    /// <summary>As MLflow calls it.</summary>
    public string Status => state switch
    {
        _ when info.Finished => "FINISHED",
        RunState.Failed => "FAILED",
        RunState.Cancelled or RunState.Stopped => "KILLED",
        _ => "RUNNING",
    };

    /// <summary>The fields of its spec, as in <c>batch.global</c>.</summary>
    public IEnumerable<(string Name, string Value)> Parameters =>
        Leaves(JsonNode.Parse(Json.Format(Spec()))!, "").Append(
            ("parameters", info.Parameters.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Each with its line, which the file has once.</summary>
    public IEnumerable<(string Line, RunRecord? Record)> Records()
    {
        if (!File.Exists(files.Metrics))
            throw new BadInputException($"run {name} has recorded no step yet; export it when it has.");
        return RunLines.Read(files.Metrics).Select(line => (line ?? "", line is null ? null : RunRecordJson.TryParse(line)));
    }

    private TrainingSpec Spec() => SpecReader.Read(File.ReadAllText(files.Spec), files.Spec);

    private static IEnumerable<(string Name, string Value)> Leaves(JsonNode node, string path) => node switch
    {
        JsonObject group => group.Where(field => field.Value is not null)
            .SelectMany(field => Leaves(field.Value!, path == "" ? field.Key : $"{path}.{field.Key}")),
        JsonArray list when list.Any(item => item is JsonObject) =>
            list.SelectMany((item, i) => Leaves(item!, $"{path}.{i.ToString(CultureInfo.InvariantCulture)}")),
        _ => [(path, node is JsonValue ? node.ToString() : node.ToJsonString())],
    };
}
