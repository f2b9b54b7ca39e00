using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Cli.Tests.Exports;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.ParquetFiles;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Every command with -o json: standard output is JSON and nothing else, its names stay, exit codes are those of its
/// text.</summary>
public sealed partial class JsonOutputTests(TrainedDemo demo)
{
    /// <summary>Objects whose keys are names of files.</summary>
    private static readonly string[] Maps = ["files"];

    /// <summary>Command, its arguments, whether it prints an object a line, and its exit code; {0} is the coordinator, {1} the
    /// model, {2} a coordinator with a waiting run, {3} an MLflow server.</summary>
    private static readonly (string Command, string Arguments, bool Lines, int ExitCode)[] Calls =
    [
        ("audit list", "{2}", false, 0),
        ("token list", "{2}", false, 0),
        ("coordinator show", "{2}", false, 0),
        ("submit", "spec.yaml --validate-only {2} --set name=other --set run_directory=json-other", false, 0),
        ("job submit", "spec.yaml --set name=other --set run_directory=json-other {2}", false, 0),
        ("run explain", "waiting-1 {2}", false, 0),
        ("run artefacts", "waiting-1 {2}", false, 0),
        ("job list", "--coordinator {0}", false, 0),
        ("job show", "demo --coordinator {0}", false, 0),
        ("run list", "--coordinator {0}", false, 0),
        ("run show", "demo-1 --coordinator {0}", false, 0),
        ("run try", "demo-1 --caption star --coordinator {0}", false, 0),
        ("host list", "--coordinator {0}", false, 0),
        ("host show", "a --coordinator {0}", false, 0),
        ("export mlflow", "run --url {3}", false, 0),
        ("run verify", "run", false, 0),
        ("run verify", "run --content --against run", false, 0),
        ("run verify", "forged", false, 1),
        ("checkpoint list", "run", false, 0),
        ("model info", "{1}", false, 0),
        ("spec show", "spec.yaml", false, 0),
        ("spec explain", "optimizer", false, 0),
        ("spec check", "spec.yaml --set optimizer.warmup_steps=1000", false, 0),
        ("spec check", "spec.yaml --data", false, 0),
        ("data inspect", "data/seen", false, 0),
        ("data inspect", "damaged --out sheet.png", false, 0),
        ("certs show", "certs/server.pem certs/ca.pem", false, 0),
        ("data plan", "--spec spec.yaml --step 2", false, 0),
        ("data plan", "--spec spec.yaml --digest-only", false, 0),
        ("data verify", "data/seen", true, 0),
        ("data verify", "damaged", true, 1),
        ("classify", "sheet.png --labels circle,star --model {1} --threads 1", true, 0),
        ("eval zeroshot", "--data data/seen --classes data/classes.txt --templates data/templates.txt --model {1} --threads 1", true, 0),
        ("eval retrieval", "--data data/seen --pairs 50 --model {1} --threads 1", true, 0),
        ("embed", "--texts data/classes.txt --out texts.parquet --model {1} --threads 1", true, 0),
    ];

    [Fact]
    public async Task Json_EveryCommand_IsAllThatIsPrinted()
    {
        Assert.Equal(
            CommandTree.WithJson().Except(["logs"]).Order(StringComparer.Ordinal), // no replica has printed anything here
            Calls.Select(call => call.Command).Distinct().Order(StringComparer.Ordinal)
        );
        await DamagedCopy.WriteAsync(demo.Path("data", "train"), demo.Path("damaged"));
        Forge();
        await using var control = await ScriptedControl.StartAsync();
        await using var mlflow = await ScriptedMlflow.StartAsync();
        control.Hosts.Add(
            new Host
            {
                Name = "a",
                Version = "0.1.0",
                MemoryBytes = 5L << 30,
                Connected = control.Run.Submitted,
                Devices = { new HostDevice { Device = "cpu:0" } },
            }
        );
        control.Jobs.Add(
            new Job
            {
                JobId = "demo",
                Name = "demo",
                Submitted = control.Run.Submitted,
                RunIds = { "demo-1" },
                Spec = new TrainingSpec { RunDirectory = "/runs/demo" },
            }
        );
        control.Incidents.Add(
            new Incident
            {
                Number = 1,
                Kind = IncidentKind.HostLost,
                Opened = control.Run.Submitted,
                SecondsLost = 1.5,
            }
        );

        using var coordinator = Clipd.Start(
            demo.Folder, "coordinator", "--listen", "127.0.0.1:0", "--http", "none", "--state", "json-state", "--exit-with-parent");
        string real = $"--coordinator {coordinator.LineWith("coordinator: ")["coordinator: ".Length..]} --token-file json-state/token";
        string[] waiting = ["submit", "spec.yaml", "--set", "name=waiting", "--set", "run_directory=waiting", .. real.Split(' ')];
        Assert.Equal(0, Clipd.Run(demo.Folder, waiting).ExitCode);

        var logs = Clipd.Run(demo.Folder, ["logs", "waiting-1", "-o", "json", .. real.Split(' ')]);
        Assert.Equal((0, ""), (logs.ExitCode, logs.Output));
        Assert.StartsWith("no line of waiting-1 yet: it is pending", logs.Errors, StringComparison.Ordinal);

        Assert.Equal(0, Clipd.Run(demo.Folder, "certs", "init", "certs").ExitCode);
        foreach (var (command, arguments, lines, exitCode) in Calls)
        {
            string call =
                $"{command} {arguments} -o json"
                    .Replace("{0}", control.Address, StringComparison.Ordinal)
                    .Replace("{1}", demo.Model, StringComparison.Ordinal)
                    .Replace("{2}", real, StringComparison.Ordinal)
                    .Replace("{3}", mlflow.Address, StringComparison.Ordinal);
            var done = Clipd.Run(demo.Folder, call.Split(' '));
            Assert.True(done.ExitCode == exitCode, $"{call}: exit code {done.ExitCode}: {done.Errors}{done.Output}");
            string[] documents = lines ? done.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [done.Output];
            Assert.NotEmpty(documents);
            foreach (string document in documents)
                Check(call, JsonNode.Parse(document));
        }
    }

    /// <summary>What is wrong is one line on standard error, as without -o json.</summary>
    [Theory]
    [InlineData("data inspect none", 2)]
    [InlineData("data plan --spec none.yaml", 2)]
    [InlineData("data plan --spec spec.yaml --step 99", 2)]
    [InlineData("data verify none", 2)]
    [InlineData("run verify data", 2)]
    [InlineData("spec check spec.yaml --set batch.global=0", 2)]
    [InlineData("spec check spec.yaml --data --set data.train[0].path=none", 2)]
    [InlineData("run list --coordinator 127.0.0.1:1", 3)]
    public void Json_InputCannotBeUsed_NothingIsPrinted(string arguments, int exitCode)
    {
        var refused = Clipd.Run(demo.Folder, [.. arguments.Split(' '), "-o", "json"]);
        Assert.Equal((exitCode, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith("error: ", refused.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Output_OfAnotherKind_NamesTheOptionAndWhatIsAllowed()
    {
        foreach (string command in CommandTree.WithJson())
        {
            var option = CommandTree.Find(command).Options.Single(option => option.Aliases.Contains("-o"));
            string human = option.HelpName![..^"|json".Length], given = human == "yaml" ? "table" : "yaml";
            string spec = command.EndsWith("submit", StringComparison.Ordinal) ? " spec.yaml" : ""; // without it that alone is reported
            var mistakes = CommandMistakes.Find(ClipdCommands.Create().Parse($"{command}{spec} -o {given}"));
            Assert.Contains($"--output is '{given}'; use {human} or json.", mistakes);
        }
    }

    [Fact]
    public void Inspect_AsJson_SaysWhatTheTextSays()
    {
        var json = JsonNode.Parse(Clipd.Run(demo.Folder, "data", "inspect", "data/train", "-o", "json").Output)!;
        Assert.Equal((1000, 1000), ((int)json["rows"]!, json["shards"]!.AsArray().Sum(shard => (int)shard!["rows"]!)));
        Assert.Equal(
            ["image", "caption"],
            json["columns"]!.AsArray().Select(column => (string?)column!["used_as"]).Where(role => role is "image" or "caption")
        );
        Assert.Equal((int)json["sampled_rows"]!, json["images"]!.AsArray().Sum(kind => (int)kind!["rows"]!));
    }

    private static void Check(string call, JsonNode? node, bool isMap = false)
    {
        switch (node)
        {
            case JsonObject found:
                foreach (var (name, value) in found)
                {
                    Assert.True(isMap || SnakeCase().IsMatch(name), $"{call}: {name}");
                    Check(call, value, Maps.Contains(name));
                }
                break;
            case JsonArray items:
                foreach (var item in items)
                    Check(call, item);
                break;
            case JsonValue value when value.TryGetValue(out string? text):
                Assert.False(Number().IsMatch(text), $"{call}: \"{text}\" is a number in quotes");
                break;
        }
    }

    /// <summary>A run whose second step recorded other samples.</summary>
    private void Forge()
    {
        foreach (string file in Directory.GetFiles(demo.Path("run"), "*", SearchOption.AllDirectories))
        {
            string copy = demo.Path("forged", Path.GetRelativePath(demo.Path("run"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        string metrics = demo.Path("forged", "metrics.jsonl");
        File.WriteAllText(
            metrics,
            PlanDigest().Replace(File.ReadAllText(metrics), "\"plan_digest\":\"00000000000000000000000000000000\"", 1)
        );
    }

    [GeneratedRegex("\"plan_digest\":\"[0-9a-f]{32}\"")]
    private static partial Regex PlanDigest();

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex SnakeCase();

    [GeneratedRegex(@"^-?\d+(\.\d+)?$")]
    private static partial Regex Number();
}
