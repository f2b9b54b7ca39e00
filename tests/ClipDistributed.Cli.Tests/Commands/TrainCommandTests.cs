using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Whole runs of real processes: one that was killed or damaged ends as an undisturbed one does.</summary>
public sealed class TrainCommandTests(DemoRuns runs)
{
    [Fact]
    public void Train_Undisturbed_WritesModelMetricsAndReport()
    {
        string run = DemoRuns.Undisturbed;
        runs.TrainUndisturbed();

        var steps = runs.Steps(run);
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
        Assert.Contains("<html", File.ReadAllText(runs.Data.Path(run, "report.html")), StringComparison.OrdinalIgnoreCase);
        long[] saved = [.. runs.Saved(run).Select(checkpoint => checkpoint.Step)];
        Assert.Equal(DemoData.Steps, saved[^1]); // those before it may be late by as long as the disk was busy
        Assert.Equal(
            saved[^3..],
            Directory.GetDirectories(runs.Data.Path(run, "checkpoints", "attempt-01")).Order().Select(folder => long.Parse(folder[^8..]))
        );
        Assert.All(
            runs.Saved(run),
            checkpoint => Assert.True(checkpoint.HeldSeconds > 0 && checkpoint.HeldSeconds < checkpoint.WriteSeconds));
        string folder = runs.Data.Path(run, "checkpoints", "attempt-01", "step-00000024");
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
            runs.Data.Folder,
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
        var last = File.ReadLines(runs.Data.Path(run, "metrics.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Evaluation).OfType<EvaluationMetrics>().Last();
        Assert.Equal(new EvaluationMetrics(last) { Step = 0, Samples = 0 }, RunRecordJson.TryParse(evaluation.Output)!.Evaluation);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)] // the second epoch
    public void DataPlan_OfAStep_HasTheDigestThatTheRunRecorded(int step)
    {
        runs.TrainUndisturbed();
        var plan = Clipd.Run(runs.Data.Folder, "data", "plan", "--spec", "spec.yaml", "--step", $"{step}", "--digest-only");
        Assert.Equal(runs.Steps(DemoRuns.Undisturbed)[step - 1].PlanDigest, plan.Output.Trim());
    }

    [Fact]
    public void Train_KilledAgainAndAgain_EndsWithTheSameWeights()
    {
        int attempts = 0;
        foreach (int step in new[] { 5, 7, 13, 20 })
        {
            bool isFirst = attempts++ == 0;
            using var clipd = runs.Start("killed", !isFirst);
            // without any there is nothing to go on from
            clipd.WaitForRecord(isFirst ? "checkpoint" : "step", step);
            clipd.Kill();
        }
        using var last = runs.Start("killed", resume: true);
        Assert.Equal(0, last.Finish().ExitCode);

        // Each restart begins a new attempt, from whatever checkpoint was complete.
        var state = RunInfo.Load(runs.Data.Path("killed", "run.json"));
        Assert.Equal(5, state.Attempts.Count);
        runs.AssertUndisturbed("killed", state.Attempts.Count);
    }

    [Fact]
    public void Train_NewestCheckpointDamaged_GoesOnFromTheOneBefore()
    {
        using (var clipd = runs.Start("damaged", resume: false))
        {
            clipd.WaitForRecord("checkpoint");
            clipd.WaitForRecord("checkpoint");
            clipd.Kill();
        }
        string[] folders = [.. Directory.GetDirectories(runs.Data.Path("damaged", "checkpoints", "attempt-01"), "step-*").Order()];
        string newest = folders[^1];
        long before = long.Parse(folders[^2][^8..]);
        string weights = Path.Combine(newest, "open_clip_model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^100] ^= 1;
        File.WriteAllBytes(weights, bytes);

        var listed = Clipd.Run(runs.Data.Folder, "checkpoint", "list", "damaged");
        Assert.Equal(1, listed.ExitCode);
        string[] rows = listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Contains("damaged: open_clip_model.safetensors does not have the hash", rows[0], StringComparison.Ordinal);
        Assert.All(rows[1..], row => Assert.EndsWith("verified", row, StringComparison.Ordinal));

        var result = Clipd.Run(runs.Data.Folder, "train", "spec.yaml", "--set", "run_directory=damaged", "--resume");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(
            $"is damaged (open_clip_model.safetensors does not have the hash it was written with). The one of step {before} is used.",
            result.Output,
            StringComparison.Ordinal
        );
        Assert.Contains($"going on after step {before}", result.Output, StringComparison.Ordinal);
        runs.AssertUndisturbed("damaged", attempt: 2);
    }

    [Fact]
    public void Train_DamagedRows_AreReplacedTheSameWayAfterAKill()
    {
        var whole = runs.TrainDamaged();
        using (var clipd = runs.Start("broken-killed", resume: false, DemoRuns.DamagedRows))
        {
            clipd.WaitForRecord("checkpoint", step: 5);
            clipd.Kill();
        }
        using var last = runs.Start("broken-killed", resume: true, DemoRuns.DamagedRows);
        Assert.Equal(0, last.Finish().ExitCode);

        Assert.Contains("damaged rows were found and replaced", whole.Output, StringComparison.Ordinal);
        Assert.Contains(runs.Steps(DemoRuns.Damaged), step => step.Replaced > 0);
        string[] planned = ["data", "plan", "--spec", "spec.yaml", "--step", "3", "--digest-only", .. DemoRuns.DamagedRows];
        Assert.Equal(runs.Steps(DemoRuns.Damaged)[2].PlanDigest, Clipd.Run(runs.Data.Folder, planned).Output.Trim());
        runs.AssertSame(DemoRuns.Damaged, "broken-killed", attempt: 2);
    }

    [Fact]
    public void Train_DirectoryOfARunningRun_IsRefused()
    {
        using var first = runs.Start("shared", resume: false);
        first.WaitForRecord("step", step: 1);
        var second = Clipd.Run(runs.Data.Folder, "train", "spec.yaml", "--set", "run_directory=shared", "--resume");
        Assert.Equal(2, second.ExitCode);
        Assert.Equal(
            [
                $"error: run_directory {runs.Data.Path("shared")} is in use by another process; wait for it, stop it, or choose another "
                    + $"run_directory.",
            ],
            second.ErrorLines
        );
    }
}
