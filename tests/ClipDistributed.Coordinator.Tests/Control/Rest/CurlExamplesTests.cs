using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Control.Callers;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Control.Rest;

/// <summary>The curl commands of docs/control.md, one after the other on a real coordinator.</summary>
[Collection(ProcessCollection.Name)]
public sealed partial class CurlExamplesTests
{
    private const string Documented = "http://127.0.0.1:7070";

    private static readonly string Page = File.ReadAllText(RepositoryFolder.File("docs", "control.md"));

    [Fact]
    public async Task Commands_OfTheDocs_DoWhatTheySay()
    {
        Assert.SkipUnless(HasCurl(), "curl is not installed");
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        using var folder = new TemporaryFolder();
        var spec = coordinator.Spec();
        await File.WriteAllTextAsync(
            folder.File("job.json"),
            Job().Match(Page).Groups[1].Value
                .Replace("/data/shards", spec.Data.Train[0].Path, StringComparison.Ordinal)
                .Replace("/data/runs/demo", spec.RunDirectory, StringComparison.Ordinal));
        var host = await coordinator.HostAsync("a");
        Task<JsonNode>? watching = null;
        string[] commands = [.. Commands().Match(Page).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.InRange(commands.Length, 10, 30);
        foreach (string documented in commands)
        {
            string command = documented.Replace(Documented, coordinator.HttpAddress, StringComparison.Ordinal)
                .Replace("~/.local/share/clipdistributed/token", coordinator.TokenFile, StringComparison.Ordinal);
            if (!command.StartsWith("curl ", StringComparison.Ordinal))
            {
                await OutputAsync(command, folder.Path);
                continue;
            }
            if (documented.Contains(":watch", StringComparison.Ordinal))
            {
                watching = RunAsync(command, folder.Path); // to the run's end
                continue;
            }
            if (documented.Contains("-X DELETE", StringComparison.Ordinal))
            {
                await host.ExitedAsync(await host.KillAsync(), 137);
                await coordinator.UntilAsync("demo-1", RunState.Cancelled);
            }
            var answer = await UntilAllowedAsync(command, folder.Path);
            Assert.True(answer["code"] is null, $"{documented}: {answer}");
            if (documented.Contains("job.json", StringComparison.Ordinal))
                await (await host.StartReplicaAsync()).GenerationAsync();
        }
        Assert.NotNull(watching);
        Assert.NotNull((await watching)["record"] ?? (await watching)["run"]);
        Assert.Empty((await coordinator.Control.ListRunsAsync(new())).Runs);
    }

    /// <summary>The loop of a run that has just ended may not be gone yet.</summary>
    private static async Task<JsonNode> UntilAllowedAsync(string command, string folder)
    {
        while (true)
        {
            var answer = await RunAsync(command, folder);
            if (!command.Contains("-X DELETE", StringComparison.Ordinal) || (int?)answer["code"] != 9)
                return answer;
        }
    }

    /// <returns>The last line of its output.</returns>
    private static async Task<JsonNode> RunAsync(string command, string folder) =>
        JsonNode.Parse((await OutputAsync(command, folder)).TrimEnd('\n').Split('\n')[^1])!;

    private static async Task<string> OutputAsync(string command, string folder)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = shell.StandardError.ReadToEndAsync();
        string output = await shell.StandardOutput.ReadToEndAsync().WaitAsync(TestCoordinator.Patience);
        await shell.WaitForExitAsync().WaitAsync(TestCoordinator.Patience);
        Assert.True(shell.ExitCode == 0, $"{command}: {await errors}");
        return output;
    }

    private static bool HasCurl()
    {
        try
        {
            using var curl = Process.Start(new ProcessStartInfo("curl", ["--version"]) { RedirectStandardOutput = true })!;
            curl.StandardOutput.ReadToEnd();
            curl.WaitForExit();
            return curl.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    [GeneratedRegex("^```json\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Job();

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Commands();
}
