using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>Calls with messages as proto3's JSON.</summary>
internal abstract class MessageCaller : IControlCaller
{
    private const string StatePrefix = "RUN_STATE_";

    public async Task<string> SubmitAsync(TrainingSpec spec)
    {
        var request = new JsonObject { ["spec"] = JsonNode.Parse(JsonFormatter.Default.Format(spec)) };
        return (await CallAsync("SubmitJob", request))["runId"]!.GetValue<string>();
    }

    public async Task<IReadOnlyList<string>> JobsAsync() => Texts(await CallAsync("ListJobs", new JsonObject()), "jobs", "jobId");

    public async Task<IReadOnlyList<string>> RunsOfAsync(string jobId)
    {
        var job = (await CallAsync("GetJob", new JsonObject { ["jobId"] = jobId }))["job"]!;
        return [.. Items((JsonObject)job, "runIds").Select(id => id.GetValue<string>())];
    }

    public async Task<IReadOnlyList<string>> RunsAsync(string? state = null)
    {
        var request = new JsonObject();
        if (state is not null)
            request["states"] = new JsonArray(JsonValue.Create(StatePrefix + state.ToUpperInvariant()));
        return Texts(await CallAsync("ListRuns", request), "runs", "runId");
    }

    public async Task<string> StateAsync(string runId) => State((await CallAsync("GetRun", Run(runId)))["run"]!);

    public async Task<string> WatchAsync(string runId)
    {
        string last = "";
        await foreach (var message in StreamAsync("WatchRun", Run(runId)))
            last = message["run"] is { } run ? State(run) : last;
        return last;
    }

    public async Task<IReadOnlyList<double>> LossesAsync(string runId)
    {
        var request = Run(runId);
        request["names"] = new JsonArray("loss");
        var series = Assert.Single(Items(await CallAsync("QueryMetrics", request), "series"));
        return [.. Items((JsonObject)series, "points").Select(point => (double)point["mean"]!)];
    }

    public async Task<IReadOnlyList<string>> ExplainAsync(string runId) =>
    [
        .. Texts(await CallAsync("ExplainRun", Run(runId)), "explanations", "kind")
            .Select(kind => kind["EXPLANATION_KIND_".Length..].ToLowerInvariant()),
    ];

    public async Task<IReadOnlyList<string>> LogsAsync(string runId)
    {
        var request = Run(runId);
        request["level"] = "LEVEL_WARNING";
        var lines = new List<string>();
        await foreach (var message in StreamAsync("ReadLogs", request))
            lines.Add(message["entry"]!["text"]!.GetValue<string>());
        return lines;
    }

    public async Task<IReadOnlyList<string>> ArtefactsAsync(string runId) =>
        Texts(await CallAsync("ListArtefacts", Run(runId)), "artefacts", "name");

    public virtual async Task<string> ReadAsync(string runId, string artefact)
    {
        var request = Run(runId);
        request["name"] = artefact;
        var text = new StringBuilder();
        await foreach (var message in StreamAsync("ReadArtefact", request))
            text.Append(Encoding.UTF8.GetString(Convert.FromBase64String(message["data"]!.GetValue<string>())));
        return text.ToString();
    }

    public Task SaveCheckpointAsync(string runId) => CallAsync("SaveCheckpoint", Run(runId));

    public async Task<IReadOnlyList<(long Step, bool IsPinned)>> CheckpointsAsync(string runId) =>
    [
        .. Items(await CallAsync("ListCheckpoints", Run(runId)), "checkpoints")
            .Select(one => (long.Parse($"{one["step"]}", CultureInfo.InvariantCulture), one["pinned"] is { } pinned && (bool)pinned)),
    ];

    public Task PinCheckpointAsync(string runId, long step, bool undo) =>
        CallAsync("PinCheckpoint", new JsonObject { ["runId"] = runId, ["step"] = step, ["undo"] = undo });

    public Task DeleteCheckpointAsync(string runId, long step) =>
        CallAsync("DeleteCheckpoint", new JsonObject { ["runId"] = runId, ["step"] = step });

    public Task RollBackAsync(string runId, long step) =>
        CallAsync("RollBackRun", new JsonObject { ["runId"] = runId, ["step"] = step });

    public Task PauseAsync(string runId) => CallAsync("PauseRun", Run(runId));

    public Task ResumeAsync(string runId) => CallAsync("ResumeRun", Run(runId));

    public Task ScaleAsync(string runId, int min, int max) =>
        CallAsync("ScaleRun", new JsonObject { ["runId"] = runId, ["minReplicas"] = min, ["maxReplicas"] = max });

    public Task StopAsync(string runId) => CallAsync("StopRun", Run(runId));

    public Task CancelAsync(string runId) => CallAsync("CancelRun", Run(runId));

    public async Task<bool> TryDeleteAsync(string runId)
    {
        try
        {
            await CallAsync("DeleteRun", Run(runId));
            return true;
        }
        catch (FailedPreconditionException)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<(string Name, bool Drained)>> HostsAsync() =>
    [
        .. Items(await CallAsync("ListHosts", new JsonObject()), "hosts")
            .Select(host => (host["name"]!.GetValue<string>(), IsDrained(host))),
    ];

    public async Task<bool> IsDrainedAsync(string host) =>
        IsDrained((await CallAsync("GetHost", new JsonObject { ["name"] = host }))["host"]!);

    public Task DrainAsync(string host, bool undo) => CallAsync("DrainHost", new JsonObject { ["name"] = host, ["undo"] = undo });

    public async Task<string> CreateTokenAsync(string owner) =>
        (await CallAsync("CreateToken", new JsonObject { ["role"] = "ROLE_VIEWER", ["owner"] = owner }))["text"]!.GetValue<string>();

    public async Task<IReadOnlyList<(string Owner, string TokenId)>> TokensAsync() =>
    [
        .. Items(await CallAsync("ListTokens", new JsonObject()), "tokens")
            .Select(token => (token["owner"]!.GetValue<string>(), token["tokenId"]!.GetValue<string>())),
    ];

    public Task RevokeTokenAsync(string tokenId) => CallAsync("RevokeToken", new JsonObject { ["tokenId"] = tokenId });

    public async Task<IReadOnlyList<(string Verb, string Target)>> AuditAsync(string target) =>
    [
        .. Items(await CallAsync("ListAuditEntries", new JsonObject { ["target"] = target }), "entries")
            .Select(entry => (entry["verb"]!.GetValue<string>(), entry["target"]!.GetValue<string>())),
    ];

    public async Task<byte[]> BackUpAsync()
    {
        using var file = new MemoryStream();
        await foreach (var message in StreamAsync("BackUpStore", new JsonObject()))
            file.Write(Convert.FromBase64String(message["data"]!.GetValue<string>()));
        return file.ToArray();
    }

    public async Task<string> StoreAsync() => (await CallAsync("GetServerInfo", new JsonObject()))["store"]!.GetValue<string>();

    public abstract void Dispose();

    protected abstract Task<JsonObject> CallAsync(string rpc, JsonObject request);

    protected abstract IAsyncEnumerable<JsonObject> StreamAsync(string rpc, JsonObject request);

    private static bool IsDrained(JsonNode host) => host["drained"] is { } drained && (bool)drained;

    private static JsonObject Run(string runId) => new() { ["runId"] = runId };

    private static string State(JsonNode run) => run["state"]!.GetValue<string>()[StatePrefix.Length..].ToLowerInvariant();

    private static IReadOnlyList<string> Texts(JsonObject response, string list, string field) =>
        [.. Items(response, list).Select(item => item[field]!.GetValue<string>())];

    private static IEnumerable<JsonNode> Items(JsonObject response, string list) =>
        response[list] is JsonArray items ? items.Select(item => item!) : [];

    /// <summary>The coordinator refuses the call in this state.</summary>
    protected sealed class FailedPreconditionException(string text) : Exception(text);
}
