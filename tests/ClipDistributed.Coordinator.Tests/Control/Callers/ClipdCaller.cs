using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>The command line, a process for each call.</summary>
internal sealed class ClipdCaller(string address, string tokenFile) : IControlCaller
{
    private readonly TemporaryFolder folder = new();

    public async Task<string> SubmitAsync(TrainingSpec spec)
    {
        await File.WriteAllTextAsync(folder.File("spec.yaml"), SpecWriter.Write(spec));
        string output = await RunAsync("submit", "spec.yaml");
        return output.Split('\n').Single(line => line.StartsWith("submitted ", StringComparison.Ordinal)).Split(' ')[^1];
    }

    public async Task<IReadOnlyList<string>> JobsAsync() =>
        [.. (await ListAsync("job", "list")).Select(job => job!["job_id"]!.GetValue<string>())];

    public async Task<IReadOnlyList<string>> RunsOfAsync(string jobId) =>
        [.. JsonNode.Parse(await RunAsync("job", "show", jobId, "-o", "json"))!["run_ids"]!.AsArray().Select(id => id!.GetValue<string>())];

    public async Task<IReadOnlyList<string>> RunsAsync(string? state = null) =>
        [.. (await ListAsync(["run", "list", .. state is null ? Array.Empty<string>() : ["--state", state]]))
            .Select(run => run!["run_id"]!.GetValue<string>())];

    public async Task<string> StateAsync(string runId) => State(await RunAsync("run", "show", runId, "-o", "json"));

    public async Task<string> WatchAsync(string runId)
    {
        var ended = await EndAsync("run", "watch", runId);
        return ended.Output.TrimEnd().Split('\n')[^1].Split(' ')[1].TrimEnd(':'); // as in: demo-1 cancelled: by a user · step 0 of 5
    }

    public async Task<IReadOnlyList<double>> LossesAsync(string runId)
    {
        var answer = JsonNode.Parse(await RunAsync("run", "metrics", runId, "--name", "loss", "-o", "json"))!;
        return [.. answer["series"]![0]!["points"]!.AsArray().Select(point => (double)point!["mean"]!)];
    }

    public async Task<IReadOnlyList<string>> ExplainAsync(string runId) =>
        [.. JsonNode.Parse(await RunAsync("run", "explain", runId, "-o", "json"))!["explanations"]!.AsArray()
            .Select(one => one!["kind"]!.GetValue<string>())];

    public async Task<IReadOnlyList<string>> LogsAsync(string runId) =>
        [.. (await RunAsync("logs", runId, "--level", "warning", "-o", "json")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!["text"]!.GetValue<string>())];

    public async Task<IReadOnlyList<string>> ArtefactsAsync(string runId) =>
        [.. (await ListAsync("run", "artefacts", runId)).Select(file => file!["name"]!.GetValue<string>())];

    public async Task<string> ReadAsync(string runId, string artefact)
    {
        await RunAsync("run", "download", runId, artefact, "--out", "downloaded");
        return await File.ReadAllTextAsync(folder.File("downloaded"));
    }

    public Task SaveCheckpointAsync(string runId) => RunAsync("checkpoint", "save", runId);

    public async Task<IReadOnlyList<(long Step, bool IsPinned)>> CheckpointsAsync(string runId) =>
        [.. (await ListAsync("checkpoint", "list", runId)).Select(one => ((long)one!["step"]!, (bool)one["pinned"]!))];

    public Task PinCheckpointAsync(string runId, long step, bool undo) =>
        RunAsync("checkpoint", undo ? "unpin" : "pin", runId, $"{step}");

    public Task DeleteCheckpointAsync(string runId, long step) => RunAsync("checkpoint", "delete", runId, $"{step}");

    public Task RollBackAsync(string runId, long step) => RunAsync("run", "rollback", runId, "--to", $"{step}");

    public Task PauseAsync(string runId) => RunAsync("run", "pause", runId);

    public Task ResumeAsync(string runId) => RunAsync("run", "resume", runId);

    public Task ScaleAsync(string runId, int min, int max) =>
        RunAsync("run", "scale", runId, "--min", $"{min}", "--max", $"{max}");

    public Task StopAsync(string runId) => RunAsync("run", "stop", runId);

    public Task CancelAsync(string runId) => RunAsync("run", "cancel", runId);

    public async Task<bool> TryDeleteAsync(string runId) => (await EndAsync("run", "delete", runId)).ExitCode == 0;

    public async Task<IReadOnlyList<(string Name, bool Drained)>> HostsAsync() =>
        [.. (await ListAsync("host", "list")).Select(host => (host!["name"]!.GetValue<string>(), (bool)host["drained"]!))];

    public async Task<bool> IsDrainedAsync(string host) =>
        (bool)JsonNode.Parse(await RunAsync("host", "show", host, "-o", "json"))!["drained"]!;

    public Task DrainAsync(string host, bool undo) =>
        RunAsync(["host", "drain", host, .. undo ? ["--undo"] : Array.Empty<string>()]);

    public async Task<string> CreateTokenAsync(string owner)
    {
        await RunAsync("token", "create", "--role", "viewer", "--owner", owner, "--out", "made");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("made")));
        return (await File.ReadAllTextAsync(folder.File("made"))).Trim();
    }

    public async Task<IReadOnlyList<(string Owner, string TokenId)>> TokensAsync() =>
    [
        .. (await ListAsync("token", "list"))
            .Select(token => (token!["owner"]!.GetValue<string>(), token["token_id"]!.GetValue<string>())),
    ];

    public Task RevokeTokenAsync(string tokenId) => RunAsync("token", "revoke", tokenId);

    public async Task<IReadOnlyList<(string Verb, string Target)>> AuditAsync(string target) =>
    [
        .. (await ListAsync("audit", "list", "--target", target))
            .Select(entry => (entry!["verb"]!.GetValue<string>(), entry["target"]!.GetValue<string>())),
    ];

    public async Task<byte[]> BackUpAsync()
    {
        await RunAsync("coordinator", "backup", "saved");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("saved")));
        return await File.ReadAllBytesAsync(folder.File("saved"));
    }

    public async Task<string> StoreAsync() =>
        JsonNode.Parse(await RunAsync("coordinator", "show", "-o", "json"))!["store"]!.GetValue<string>();

    public void Dispose() => folder.Dispose();

    private static string State(string json) => JsonNode.Parse(json)!["run"]!["state"]!.GetValue<string>();

    private async Task<JsonArray> ListAsync(params string[] command) =>
        (JsonArray)JsonNode.Parse(await RunAsync([.. command, "-o", "json"]))!;

    private async Task<string> RunAsync(params string[] command)
    {
        var ended = await EndAsync(command);
        Assert.True(ended.ExitCode == 0, $"clipd {string.Join(' ', command)}: {ended.Errors}");
        return ended.Output;
    }

    private Task<ClipdResult> EndAsync(params string[] command) =>
        Task.Run(() => Clipd.Run(folder.Path, [.. command, "--coordinator", address, "--token-file", tokenFile]));
}
