using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Exports;

/// <summary>
/// Sends a run's metrics to an MLflow server. A tag of MLflow's run says how many lines of the metrics file it has, what the last one
/// was and when it was written; it is sent with them, and the next export goes on there. Where the file has another line by then, the
/// run went back to a checkpoint: what was written since is sent. MLflow keeps what it had of the abandoned steps.
/// </summary>
internal sealed class MlflowExport(MlflowClient client, ExportedRun run)
{
    public const string RunTag = "clipd.run", PlaceTag = "clipd.exported";

    // MLflow's bounds of one request.
    private const int MaxValues = 1000, MaxParameters = 100, MaxParameterLength = 500;

    private string runId = "";

    /// <param name="every">Only steps that are multiples of it; evaluations always.</param>
    /// <exception cref="BadInputException">The server refuses it, or the run has recorded nothing.</exception>
    public async Task<ExportResult> RunAsync(string experiment, int every, CancellationToken cancel)
    {
        string experimentId = await ExperimentAsync(experiment, cancel);
        var place = await FindOrCreateAsync(experimentId, cancel);
        int skipped = LinesBefore(place);
        var result = new ExportResult(run.Name, experimentId, runId) { Skipped = skipped };
        var batch = new JsonArray();
        DateTimeOffset? last = null;
        int read = 0;
        foreach (var (line, record) in run.Records().Skip(skipped))
        {
            read++;
            if (record?.Time is not { } time) // torn: where nothing follows, the run is still writing it
                continue;
            last = time.ToDateTimeOffset();
            result.Lines = read;
            place = new Place(skipped + read, Digest(line), last.Value.ToUnixTimeMilliseconds());
            if (RunValues.Of(record) is not { } measured || record.Step is { } step && step.Step % every != 0)
                continue;
            foreach (var (name, value) in measured.Values)
            {
                if (!double.IsFinite(value))
                {
                    result.NonFinite++;
                    continue;
                }
                batch.Add(new JsonObject
                {
                    ["key"] = name, ["value"] = value, ["timestamp"] = place.Milliseconds, ["step"] = measured.Step,
                });
                result.Values++;
            }
            if (batch.Count > MaxValues - 100) // a line has fewer than a hundred
            {
                await SendAsync(batch, place, cancel);
                batch = [];
            }
        }
        if (result.Lines > 0)
            await SendAsync(batch, place, cancel);
        await FinishAsync(last, cancel);
        return result;
    }

    private async Task<string> ExperimentAsync(string name, CancellationToken cancel)
    {
        string call = $"experiments/get-by-name?experiment_name={Uri.EscapeDataString(name)}";
        if (await client.GetAsync(call, cancel) is { } known)
            return Text(known["experiment"]?["experiment_id"]);
        return Text((await client.PostAsync("experiments/create", new JsonObject { ["name"] = name }, cancel, isRepeatable: false))
            ["experiment_id"]);
    }

    /// <returns>What it has.</returns>
    private async Task<Place> FindOrCreateAsync(string experimentId, CancellationToken cancel)
    {
        var search = new JsonObject
        {
            ["experiment_ids"] = new JsonArray(experimentId),
            ["filter"] = $"tags.`{RunTag}` = '{run.Id.Replace("'", "", StringComparison.Ordinal)}'",
            ["max_results"] = 1,
        };
        var found = await client.PostAsync("runs/search", search, cancel);
        if (found["runs"] is JsonArray { Count: > 0 } runs)
        {
            runId = Text(runs[0]!["info"]?["run_id"]);
            var tags = runs[0]!["data"]?["tags"] as JsonArray ?? [];
            string? place = tags.FirstOrDefault(tag => tag?["key"]?.ToString() == PlaceTag)?["value"]?.ToString();
            if (place is null)
                await SendParametersAsync(cancel); // an export may have ended amid them
            return Place.Parse(place ?? "");
        }
        var first = run.Records().Select(one => one.Record?.Time).FirstOrDefault(time => time is not null);
        var created = await client.PostAsync(
            "runs/create",
            new JsonObject
            {
                ["experiment_id"] = experimentId,
                ["run_name"] = run.Name,
                ["start_time"] = first?.ToDateTimeOffset().ToUnixTimeMilliseconds(),
                ["tags"] = Tags((RunTag, run.Id), ("mlflow.source.name", $"clipd {ProgramVersion.Text}"), ("mlflow.source.type", "JOB")),
            },
            cancel, isRepeatable: false);
        runId = Text(created["run"]?["info"]?["run_id"]);
        await SendParametersAsync(cancel);
        return new Place(0, "", 0);
    }

    /// <summary>MLflow takes the same ones again.</summary>
    private async Task SendParametersAsync(CancellationToken cancel)
    {
        foreach (var some in run.Parameters.Chunk(MaxParameters))
        {
            await LogAsync(new JsonObject
            {
                ["params"] = new JsonArray([.. some.Select(one => (JsonNode)new JsonObject
                {
                    ["key"] = one.Name, ["value"] = Excerpt.Of(one.Value, MaxParameterLength),
                })]),
            }, cancel);
        }
    }

    /// <summary>Of the file, those that the server has or that were written before the last one that it has.</summary>
    private int LinesBefore(Place place)
    {
        if (place.Lines == 0)
            return 0;
        return run.Records().ElementAtOrDefault(place.Lines - 1) is { Line: { } last } && Digest(last) == place.Digest
            ? place.Lines
            : run.Records().TakeWhile(one =>
                one.Record?.Time is not { } time || time.ToDateTimeOffset().ToUnixTimeMilliseconds() <= place.Milliseconds).Count();
    }

    private Task SendAsync(JsonArray values, Place place, CancellationToken cancel) => LogAsync(
        new JsonObject { ["metrics"] = values, ["tags"] = Tags((PlaceTag, place.ToString())) }, cancel);

    private async Task LogAsync(JsonObject body, CancellationToken cancel)
    {
        body["run_id"] = runId;
        await client.PostAsync("runs/log-batch", body, cancel);
    }

    private Task FinishAsync(DateTimeOffset? last, CancellationToken cancel)
    {
        var body = new JsonObject { ["run_id"] = runId, ["status"] = run.Status };
        if (last is not null && run.Status != "RUNNING")
            body["end_time"] = last.Value.ToUnixTimeMilliseconds();
        return client.PostAsync("runs/update", body, cancel);
    }

    private static JsonArray Tags(params (string Key, string Value)[] tags) =>
        new([.. tags.Select(tag => (JsonNode)new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value })]);

    private static string Digest(string line) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)))[..16];

    private static string Text(JsonNode? node) =>
        node?.ToString() ?? throw new BadInputException("The MLflow server's answer lacks an id; is it MLflow 1.30 or newer?");

    /// <summary>Up to where the server has the file.</summary>
    /// <param name="Digest">Of the last of the lines.</param>
    /// <param name="Milliseconds">When that was written, Unix time.</param>
    private sealed record Place(int Lines, string Digest, long Milliseconds)
    {
        public static Place Parse(string text) =>
            text.Split(' ') is [var lines, var digest, var time]
            && int.TryParse(lines, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
                ? new Place(count, digest, milliseconds)
                : new Place(0, "", 0);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lines} {Digest} {Milliseconds}");
    }
}
