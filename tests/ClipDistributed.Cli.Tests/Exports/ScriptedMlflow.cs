using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Cli.Tests.Exports;

/// <summary>
/// A server of MLflow's REST API 2.0 as its documentation describes the calls that an export makes: it keeps what it gets, within
/// MLflow's bounds.
/// </summary>
internal sealed class ScriptedMlflow : IAsyncDisposable
{
    private readonly WebApplication app;

    private ScriptedMlflow(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public List<string> Experiments { get; } = [];

    public List<MlflowRun> Runs { get; } = [];

    public int Batches { get; private set; }

    /// <summary>Null: anyone may call.</summary>
    public string? Token { get; set; }

    /// <summary>Calls that are answered before all others fail with 503; null: none fails.</summary>
    public int? FailAfter { get; set; }

    /// <summary>Done at each call, before it is answered.</summary>
    public Action OnCall { get; set; } = () => { };

    public static async Task<ScriptedMlflow> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new ScriptedMlflow(builder.Build());
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var body = context.Request.Method == "POST" ? await JsonNode.ParseAsync(context.Request.Body) as JsonObject : null;
        JsonObject answer;
        lock (Runs)
        {
            OnCall();
            if (FailAfter is { } left && (FailAfter = left - 1) < 0)
                (context.Response.StatusCode, answer) = (503, []);
            else if (Token is not null && context.Request.Headers.Authorization != $"Bearer {Token}")
                (context.Response.StatusCode, answer) = (401, []);
            else
                (context.Response.StatusCode, answer) = Answer(context.Request, body);
        }
        await context.Response.WriteAsJsonAsync(answer);
    }

    private (int Status, JsonObject Body) Answer(HttpRequest request, JsonObject? body) =>
        (request.Method, $"{request.Path}".Replace("/api/2.0/mlflow/", "", StringComparison.Ordinal)) switch
        {
            ("GET", "experiments/get-by-name") when Experiments.IndexOf($"{request.Query["experiment_name"]}") is >= 0 and var id =>
                (200, new JsonObject { ["experiment"] = new JsonObject { ["experiment_id"] = $"e{id}" } }),
            ("GET", "experiments/get-by-name") => Error(404, "RESOURCE_DOES_NOT_EXIST"),
            ("POST", "experiments/create") => Create(Text(body!["name"])),
            ("POST", "runs/search") => Search(body!),
            ("POST", "runs/create") => Create(body!),
            ("POST", "runs/log-batch") => Log(body!),
            ("POST", "runs/update") => Update(body!),
            _ => Error(404, "ENDPOINT_NOT_FOUND"),
        };

    private (int, JsonObject) Create(string experiment)
    {
        if (Experiments.Contains(experiment))
            return Error(400, "RESOURCE_ALREADY_EXISTS");
        Experiments.Add(experiment);
        return (200, new JsonObject { ["experiment_id"] = $"e{Experiments.Count - 1}" });
    }

    private (int, JsonObject) Search(JsonObject body)
    {
        string[] filter = Text(body["filter"]).Split(["tags.`", "` = '", "'"], StringSplitOptions.None); // one comparison
        var found = Runs.Where(run => body["experiment_ids"]!.AsArray().Any(id => Text(id) == run.ExperimentId)
            && run.Tags.GetValueOrDefault(filter[1]) == filter[2]);
        return (200, new JsonObject
        {
            ["runs"] = new JsonArray([.. found.Select(run => (JsonNode)new JsonObject
            {
                ["info"] = new JsonObject { ["run_id"] = run.Id },
                ["data"] = new JsonObject
                {
                    ["tags"] = new JsonArray([
                        .. run.Tags.Select(tag => (JsonNode)new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value }),
                    ]),
                },
            })]),
        });
    }

    private (int, JsonObject) Create(JsonObject body)
    {
        var run = new MlflowRun($"r{Runs.Count}", Text(body["experiment_id"]), Text(body["run_name"]));
        foreach (var tag in body["tags"]!.AsArray())
            run.Tags[Text(tag!["key"])] = Text(tag["value"]);
        Runs.Add(run);
        return (200, new JsonObject { ["run"] = new JsonObject { ["info"] = new JsonObject { ["run_id"] = run.Id } } });
    }

    private (int, JsonObject) Log(JsonObject body)
    {
        var (metrics, parameters, tags) = (List(body, "metrics"), List(body, "params"), List(body, "tags"));
        if (Runs.Find(run => run.Id == Text(body["run_id"])) is not { } run)
            return Error(404, "RESOURCE_DOES_NOT_EXIST");
        if (metrics.Count > 1000 || parameters.Count > 100 || tags.Count > 100 || metrics.Count + parameters.Count + tags.Count > 1000
            || body.ToJsonString().Length > 1 << 20)
            return Error(400, "INVALID_PARAMETER_VALUE");
        foreach (var one in parameters)
        {
            if (run.Parameters.GetValueOrDefault(Text(one!["key"]), Text(one["value"])) != Text(one["value"]))
                return Error(400, "INVALID_PARAMETER_VALUE");
            run.Parameters[Text(one["key"])] = Text(one["value"]);
        }
        run.Metrics.AddRange(metrics.Select(one => new MlflowMetric(
            Text(one!["key"]), (double)one["value"]!, (long)one["timestamp"]!, (long)one["step"]!)));
        foreach (var tag in tags)
            run.Tags[Text(tag!["key"])] = Text(tag["value"]);
        Batches++;
        return (200, []);
    }

    private (int, JsonObject) Update(JsonObject body)
    {
        var run = Runs.Single(run => run.Id == Text(body["run_id"]));
        (run.Status, run.Ended) = (Text(body["status"]), (long?)body["end_time"]);
        return (200, []);
    }

    private static (int, JsonObject) Error(int status, string code) =>
        (status, new JsonObject { ["error_code"] = code, ["message"] = $"refused: {code}" });

    private static JsonArray List(JsonObject body, string name) => body[name]?.AsArray() ?? [];

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}

internal sealed record MlflowRun(string Id, string ExperimentId, string Name)
{
    public Dictionary<string, string> Tags { get; } = [];

    public Dictionary<string, string> Parameters { get; } = [];

    public List<MlflowMetric> Metrics { get; } = [];

    public string Status { get; set; } = "";

    public long? Ended { get; set; }
}

internal sealed record MlflowMetric(string Key, double Value, long Timestamp, long Step);
