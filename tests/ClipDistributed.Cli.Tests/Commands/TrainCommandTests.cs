using System.Diagnostics;
using System.Text.Json;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Whole runs of real processes: what is killed, stopped or damaged goes on as if nothing had been.</summary>
public sealed class TrainCommandTests(DemoData demo) : IClassFixture<DemoData>
{
    private const int SigInt = 2, SigUsr1 = 10, SigTerm = 15;

    private static readonly Lock UndisturbedGate = new();
    private static string? undisturbed;

    [Fact]
    public void Train_Undisturbed_WritesModelMetricsAndReport()
    {
        string run = Undisturbed();

        var steps = Steps(run);
        Assert.Equal(Enumerable.Range(1, DemoData.Steps).Select(step => (long)step), steps.Select(step => step.Step));
        Assert.True(steps[^1].Loss < steps[0].Loss);
        Assert.All(
            steps,
            step =>
                Assert.InRange(
                    step.Split.Data
                        + step.Split.Forward
                        + step.Split.Wait
                        + step.Split.Gather
                        + step.Split.Loss
                        + step.Split.Backward
                        + step.Split.Reduce
                        + step.Split.Optimizer,
                    0,
                    step.Seconds + 1e-3
                )
        );
        Assert.Contains("<html", File.ReadAllText(demo.Path(run, "report.html")), StringComparison.OrdinalIgnoreCase);
        long[] saved = [.. Saved(run).Select(checkpoint => checkpoint.Step)];
        Assert.Equal(DemoData.Steps, saved[^1]); // those before it may be late by as long as the disk was busy
        Assert.Equal(
            saved[^3..],
            Directory.GetDirectories(demo.Path(run, "checkpoints", "attempt-01")).Order().Select(folder => long.Parse(folder[^8..]))
        );
        Assert.All(Saved(run), checkpoint => Assert.True(checkpoint.HeldSeconds > 0 && checkpoint.HeldSeconds < checkpoint.WriteSeconds));
        string folder = demo.Path(run, "checkpoints", "attempt-01", "step-00000024");
        Assert.Equal(
            [
                "checkpoint.json",
                "open_clip_config.json",
                "open_clip_model.safetensors",
                "optimizer.safetensors",
                "special_tokens_map.json",
                "state.json",
                "tokenizer.json",
                "tokenizer_config.json",
            ],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order()
        );
        // else OpenCLIP takes OpenAI's vocabulary
        Assert.Contains("\"hf_tokenizer_name\": \"local\"", File.ReadAllText(Path.Combine(folder, "open_clip_config.json")));
        var evaluation = Clipd.Run(
            demo.Folder,
            "eval",
            "zeroshot",
            "--model",
            folder,
            "--data",
            "data/seen",
            "--classes",
            "data/classes.txt",
            "--templates",
            "data/templates.txt",
            "--json"
        );
        Assert.Equal(0, evaluation.ExitCode);
        var last = File.ReadLines(demo.Path(run, "metrics.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Evaluation).OfType<EvaluationMetrics>().Last();
        Assert.Equal(new EvaluationMetrics(last) { Step = 0, Samples = 0 }, RunRecordJson.TryParse(evaluation.Output)!.Evaluation);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)] // the second epoch
    public void DataPlan_OfAStep_HasTheDigestThatTheRunRecorded(int step)
    {
        var plan = Clipd.Run(demo.Folder, "data", "plan", "--spec", "spec.yaml", "--step", $"{step}", "--digest-only");
        Assert.Equal(Steps(Undisturbed())[step - 1].PlanDigest, plan.Output.Trim());
    }

    [Fact]
    public void Train_KilledAgainAndAgain_EndsWithTheSameWeights()
    {
        string expected = Undisturbed();
        int attempts = 0;
        foreach (int step in new[] { 5, 7, 13, 20 })
        {
            bool isFirst = attempts++ == 0;
            using var clipd = Start("killed", !isFirst);
            // without any there is nothing to go on from
            clipd.WaitFor($"\"kind\":\"{(isFirst ? "checkpoint" : "step")}\",\"step\":{step},");
            clipd.Kill();
        }
        using var last = Start("killed", resume: true);
        Assert.Equal(0, last.Finish().ExitCode);

        // Each restart begins a new attempt, from whatever checkpoint was complete.
        var state = RunInfo.Load(demo.Path("killed", "run.json"));
        Assert.Equal(5, state.Attempts.Count);
        AssertSame(expected, "killed", state.Attempts.Count);
    }

    [Theory]
    [InlineData(SigTerm, 75)]
    [InlineData(SigInt, 130)]
    public void Train_StoppedBySignal_SavesAndGoesOnInTheSameAttempt(int signal, int exitCode)
    {
        string run = $"stopped-{signal}";
        using (var clipd = Start(run, resume: false))
        {
            clipd.WaitFor("\"kind\":\"step\",\"step\":2,"); // early: on a busy machine the signal takes a while
            Assert.Contains($"--name train:{run} ", ChildrenOf(clipd.Id), StringComparison.Ordinal);
            clipd.Signal(signal);
            var stopped = clipd.Finish();
            Assert.Equal(exitCode, stopped.ExitCode);
            Assert.StartsWith("saving a checkpoint after this step …", stopped.Errors, StringComparison.Ordinal);
        }
        using var again = Start(run, resume: true);
        Assert.Equal(0, again.Finish().ExitCode);

        Assert.Single(RunInfo.Load(demo.Path(run, "run.json")).Attempts);
        AssertSame(Undisturbed(), run, attempt: 1);
        var stop = Assert.Single(
            File.ReadLines(demo.Path(run, "events.jsonl")).Select(RunRecordJson.TryParse),
            line => line?.Request is not null
        )!;
        Assert.Equal(
            ("stop", $"{(signal == SigInt ? "SIGINT" : "SIGTERM")} to clipd train of {Environment.UserName}@{Environment.MachineName}"),
            (stop.Request.Request, stop.Request.By)
        );
        Assert.NotNull(stop.Time);
    }

    /// <summary>The command lines of a process's children, as ps shows them.</summary>
    private static string ChildrenOf(int process) => string.Join('\n', Directory.GetDirectories($"/proc/{process}/task")
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(child => File.ReadAllText($"/proc/{child}/cmdline").Replace('\0', ' ')));

    /// <summary>As when a connection to another machine breaks: all processes of the terminal are told, and writing to it fails.</summary>
    [Fact]
    public void Train_TerminalIsLost_SavesAndGoesOnInTheSameAttempt()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script of util-linux, which makes a terminal, is missing");
        var bound = Stopwatch.StartNew();
        using (
            var terminal = Clipd.StartThrough(
                ["sh", "-c", "exec script -qec \"$*\" /dev/null", "sh"],
                demo.Folder,
                "train",
                "spec.yaml",
                "--set",
                "run_directory=hung-up"
            )
        )
        {
            string metrics = demo.Path("hung-up", "metrics.jsonl");
            while (!File.Exists(metrics) || !File.ReadAllText(metrics).Contains("\"step\":2,", StringComparison.Ordinal))
            {
                Assert.True(bound.Elapsed < TimeSpan.FromMinutes(2));
                Thread.Sleep(20);
            }
            terminal.Kill();
        }
        int code;
        do
        {
            using var again = Start("hung-up", resume: true);
            code = again.Finish().ExitCode;
        }
        while (code == 2 && bound.Elapsed < TimeSpan.FromMinutes(2)); // the other one saves still, and holds the directory
        Assert.Equal(0, code);

        Assert.Single(RunInfo.Load(demo.Path("hung-up", "run.json")).Attempts);
        AssertSame(Undisturbed(), "hung-up", attempt: 1);
    }

    [Fact]
    public void Train_AskedForACheckpointBySignal_SavesAndGoesOn()
    {
        using var clipd = Start("asked", resume: false, "--set", "checkpoint.every_steps=1000");
        clipd.WaitFor("\"kind\":\"step\",\"step\":2,"); // early: on a busy machine the signal takes a while
        clipd.Signal(SigUsr1);
        Assert.Equal(0, clipd.Finish().ExitCode);

        string[] folders = Directory.GetDirectories(demo.Path("asked", "checkpoints", "attempt-01"), "step-*");
        Assert.Equal(2, folders.Length); // that one and the last
        AssertSame(Undisturbed(), "asked", attempt: 1);
    }

    [Fact]
    public void Train_NewestCheckpointDamaged_GoesOnFromTheOneBefore()
    {
        using (var clipd = Start("damaged", resume: false))
        {
            clipd.WaitFor("\"kind\":\"checkpoint\"");
            clipd.WaitFor("\"kind\":\"checkpoint\"");
            clipd.Kill();
        }
        string[] folders = [.. Directory.GetDirectories(demo.Path("damaged", "checkpoints", "attempt-01"), "step-*").Order()];
        string newest = folders[^1];
        long before = long.Parse(folders[^2][^8..]);
        string weights = Path.Combine(newest, "open_clip_model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^100] ^= 1;
        File.WriteAllBytes(weights, bytes);

        var listed = Clipd.Run(demo.Folder, "checkpoint", "list", "damaged");
        Assert.Equal(1, listed.ExitCode);
        string[] rows = listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Contains("damaged: open_clip_model.safetensors does not have the hash", rows[0], StringComparison.Ordinal);
        Assert.All(rows[1..], row => Assert.EndsWith("verified", row, StringComparison.Ordinal));

        var result = Clipd.Run(demo.Folder, "train", "spec.yaml", "--set", "run_directory=damaged", "--resume");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(
            $"is damaged (open_clip_model.safetensors does not have the hash it was written with). The one of step {before} is used.",
            result.Output,
            StringComparison.Ordinal
        );
        Assert.Contains($"going on after step {before}", result.Output, StringComparison.Ordinal);
        AssertSame(Undisturbed(), "damaged", attempt: 2);
    }

    [Fact]
    public async Task Train_DamagedRows_AreReplacedTheSameWayAfterAKill()
    {
        await demo.WriteDamagedAsync("broken");
        string[] data = ["--set", "data.train=[{path: broken}]"];
        var whole = Clipd.Run(demo.Folder, ["train", "spec.yaml", "--set", "run_directory=broken-run", .. data]);
        using (var clipd = Start("broken-killed", resume: false, data))
        {
            clipd.WaitFor("\"kind\":\"checkpoint\",\"step\":5,");
            clipd.Kill();
        }
        using var last = Start("broken-killed", resume: true, data);
        Assert.Equal(0, last.Finish().ExitCode);

        Assert.Equal(0, whole.ExitCode);
        Assert.Contains("damaged rows were met and replaced", whole.Output, StringComparison.Ordinal);
        Assert.Contains(Steps("broken-run"), step => step.Replaced > 0);
        var plan = Clipd.Run(demo.Folder, ["data", "plan", "--spec", "spec.yaml", "--step", "3", "--digest-only", .. data]);
        Assert.Equal(Steps("broken-run")[2].PlanDigest, plan.Output.Trim());
        AssertSame("broken-run", "broken-killed", attempt: 2);
    }

    [Fact]
    public void Train_DirectoryOfARunningRun_IsRefused()
    {
        using var first = Start("shared", resume: false);
        first.WaitFor("\"kind\":\"step\",\"step\":1,");
        var second = Clipd.Run(demo.Folder, "train", "spec.yaml", "--set", "run_directory=shared", "--resume");
        Assert.Equal(2, second.ExitCode);
        Assert.Equal(
            [
                $"error: run_directory {demo.Path("shared")} is in use by another process; wait for it, stop it, or choose another "
                    + $"run_directory.",
            ],
            second.ErrorLines
        );
    }

    private Clipd Start(string run, bool resume, params string[] more) =>
        Clipd.Start(
            demo.Folder,
            ["train", "spec.yaml", "--json", "--set", $"run_directory={run}", .. resume ? ["--resume"] : Array.Empty<string>(), .. more]
        );

    private string Undisturbed()
    {
        lock (UndisturbedGate)
        {
            if (undisturbed is null)
            {
                var result = Clipd.Run(demo.Folder, "train", "spec.yaml");
                Assert.True(result.ExitCode == 0, result.Errors);
                undisturbed = "run";
            }
            return undisturbed;
        }
    }

    private List<CheckpointSaved> Saved(string run) =>
        [.. File.ReadLines(demo.Path(run, "events.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Checkpoint).OfType<CheckpointSaved>()];

    private List<StepMetrics> Steps(string run) =>
        [.. File.ReadLines(demo.Path(run, "metrics.jsonl")).Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>()];

    /// <summary>Every step once, with bit-equal losses and digests, and bit-equal weights at the end.</summary>
    private void AssertSame(string expected, string actual, int attempt)
    {
        static string Key(StepMetrics step) =>
            JsonSerializer.Serialize(
                (step.Step, step.Loss, step.GradNorm, step.PlanDigest, step.ContentDigest),
                new JsonSerializerOptions { IncludeFields = true }
            );
        Assert.Equal(Steps(expected).Select(Key), Steps(actual).Select(Key));
        Assert.Equal(demo.FinalWeights(expected, 1), demo.FinalWeights(actual, attempt));
    }
}
