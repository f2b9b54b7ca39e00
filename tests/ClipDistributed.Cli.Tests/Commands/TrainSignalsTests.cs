using System.Diagnostics;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Runs that are stopped, hung up or asked for a checkpoint by a signal end as an undisturbed one does.</summary>
public sealed class TrainSignalsTests(DemoRuns runs)
{
    private const int SigInt = 2, SigUsr1 = 10, SigTerm = 15;

    [Theory]
    [InlineData(SigTerm, 75)]
    [InlineData(SigInt, 130)]
    public void Train_StoppedBySignal_SavesAndGoesOnInTheSameAttempt(int signal, int exitCode)
    {
        string run = $"stopped-{signal}";
        using (var clipd = runs.Start(run, resume: false))
        {
            clipd.WaitForRecord("step", step: 2); // early: on a busy machine the signal takes a while
            Assert.Contains($"--name train:{run} ", ChildrenOf(clipd.Id), StringComparison.Ordinal);
            clipd.Signal(signal);
            var stopped = clipd.Finish();
            Assert.Equal(exitCode, stopped.ExitCode);
            Assert.StartsWith("saving a checkpoint after this step …", stopped.Errors, StringComparison.Ordinal);
        }
        using var again = runs.Start(run, resume: true);
        Assert.Equal(0, again.Finish().ExitCode);

        Assert.Single(RunInfo.Load(runs.Data.Path(run, "run.json")).Attempts);
        runs.AssertUndisturbed(run, attempt: 1);
        var stop = Assert.Single(
            File.ReadLines(runs.Data.Path(run, "events.jsonl")).Select(RunRecordJson.TryParse),
            line => line?.Request is not null
        )!;
        Assert.Equal(
            ("stop", $"{(signal == SigInt ? "SIGINT" : "SIGTERM")} to clipd train of {Environment.UserName}@{Environment.MachineName}"),
            (stop.Request.Request, stop.Request.By)
        );
        Assert.NotNull(stop.Time);
    }

    /// <summary>As when a connection to another machine breaks: all processes of the terminal get SIGHUP, and writes to it fail.</summary>
    [Fact]
    public void Train_TerminalIsLost_SavesAndGoesOnInTheSameAttempt()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script of util-linux, which makes a terminal, is missing");
        var bound = Stopwatch.StartNew();
        using (
            var terminal = Clipd.StartThrough(
                ["sh", "-c", "exec script -qec \"$*\" /dev/null", "sh"],
                runs.Data.Folder,
                "train",
                "spec.yaml",
                "--set",
                "run_directory=hung-up"
            )
        )
        {
            string metrics = runs.Data.Path("hung-up", "metrics.jsonl");
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
            using var again = runs.Start("hung-up", resume: true);
            code = again.Finish().ExitCode;
        }
        while (code == 2 && bound.Elapsed < TimeSpan.FromMinutes(2)); // the other one saves still, and holds the directory
        Assert.Equal(0, code);

        Assert.Single(RunInfo.Load(runs.Data.Path("hung-up", "run.json")).Attempts);
        runs.AssertUndisturbed("hung-up", attempt: 1);
    }

    [Fact]
    public void Train_AskedForACheckpointBySignal_SavesAndGoesOn()
    {
        using var clipd = runs.Start("asked", resume: false, "--set", "checkpoint.every_steps=1000");
        clipd.WaitForRecord("step", step: 2); // early: on a busy machine the signal takes a while
        clipd.Signal(SigUsr1);
        Assert.Equal(0, clipd.Finish().ExitCode);

        string[] folders = Directory.GetDirectories(runs.Data.Path("asked", "checkpoints", "attempt-01"), "step-*");
        Assert.Equal(2, folders.Length); // that one and the last
        runs.AssertUndisturbed("asked", attempt: 1);
    }

    /// <summary>The command lines of a process's children, as ps shows them.</summary>
    private static string ChildrenOf(int process) => string.Join('\n', Directory.GetDirectories($"/proc/{process}/task")
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(child => File.ReadAllText($"/proc/{child}/cmdline").Replace('\0', ' ')));
}
