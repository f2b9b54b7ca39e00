using System.Text.RegularExpressions;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Runs of real processes are verified as they are, and with what could have gone wrong.</summary>
public sealed partial class RunVerifyCommandTests(DemoRuns runs)
{
    private const int Steps = DemoData.Steps; // into the second epoch
    private const string Whole = DemoRuns.Undisturbed;

    [Fact]
    public void Verify_WholeRun_IsEqual()
    {
        runs.TrainUndisturbed();
        AssertVerified(0, $"verified {Steps} steps: plan digests equal\n", Whole);
        AssertVerified(
            0,
            $"verified {Steps} steps: plan digests equal; content digests equal; against {Whole}, {Steps} steps: both digests equal\n",
            Whole,
            "--content",
            "--against",
            Whole
        );
    }

    [Fact]
    public void Verify_RunWithDamagedRows_ReplacesThemTheSameWay()
    {
        runs.TrainDamaged();
        Assert.Contains(runs.Steps(DemoRuns.Damaged), step => step.Replaced > 0);
        AssertVerified(0, $"verified {Steps} steps: plan digests equal; content digests equal\n", DemoRuns.Damaged, "--content");
    }

    [Fact]
    public void Verify_AgainstARunOfOtherData_Differs()
    {
        runs.TrainUndisturbed();
        runs.TrainDamaged();
        var result = Verify(Whole, "--against", DemoRuns.Damaged);
        Assert.Equal(1, result.ExitCode);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(12, lines.Length);
        Assert.StartsWith("step 1: its plan digest is ", lines[0]);
        Assert.EndsWith(" more", lines[10]);
        Assert.Equal(
            $"verified {Steps} steps: plan digests equal; against {DemoRuns.Damaged}, {Steps} steps: both digests DIFFER",
            lines[11]
        );
    }

    [Fact]
    public void Verify_AlteredDigests_NamesTheSteps()
    {
        string run = Altered("altered", lines =>
        {
            lines[4] = PlanDigest().Replace(lines[4], "\"plan_digest\":\"00000000000000000000000000000000\"");
            lines[6] = ContentDigest().Replace(lines[6], "\"content_digest\":\"11111111111111111111111111111111\"");
            return lines;
        });

        var result = Verify(run, "--content");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("step 5: its plan digest is 00000000000000000000000000000000, spec and manifest give ", result.Output);
        Assert.Contains("\nstep 7: its content digest is 11111111111111111111111111111111, the stored samples give ", result.Output);
        Assert.EndsWith($"\nverified {Steps} steps: plan digests DIFFER; content digests DIFFER\n", result.Output);
        Assert.Equal(3, result.Output.Count(c => c == '\n'));
    }

    [Fact]
    public void Verify_MissingSteps_AreNamed()
    {
        string run = Altered("gap", lines => lines.Where((_, i) => i is not 2 and not 3));
        AssertVerified(1, $"steps 3 to 4 are not recorded\nverified {Steps - 2} steps: plan digests DIFFER\n", run);
    }

    [Fact]
    public void Verify_ShorterRun_ComparesWhatBothHave()
    {
        string other = Altered("short", lines => lines.Take(4));
        AssertVerified(
            0,
            $"verified {Steps} steps: plan digests equal; against {other}, 4 steps: both digests equal\n",
            Whole,
            "--against",
            other
        );
    }

    [Theory]
    [InlineData("data", "holds no run: it has no metrics.jsonl.")]
    [InlineData("./nowhere", "does not exist; give a run's directory or its id.")]
    public void Verify_NoRun_IsBadInput(string run, string expected)
    {
        var result = Verify(run);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, Assert.Single(result.ErrorLines));
    }

    /// <summary>A copy of the whole run, its metrics changed.</summary>
    private string Altered(string run, Func<string[], IEnumerable<string>> change)
    {
        runs.TrainUndisturbed();
        Directory.CreateDirectory(runs.Data.Path(run));
        foreach (string file in Directory.GetFiles(runs.Data.Path(Whole)))
            File.Copy(file, runs.Data.Path(run, Path.GetFileName(file)));
        File.WriteAllLines(runs.Data.Path(run, "metrics.jsonl"), change(File.ReadAllLines(runs.Data.Path(Whole, "metrics.jsonl"))));
        return run;
    }

    private ClipdResult Verify(string run, params string[] more) => Clipd.Run(runs.Data.Folder, ["run", "verify", run, .. more]);

    private void AssertVerified(int exitCode, string output, string run, params string[] more)
    {
        var result = Verify(run, more);
        Assert.Equal((exitCode, output, ""), (result.ExitCode, result.Output, result.Errors));
    }

    [GeneratedRegex("\"plan_digest\":\"[0-9a-f]{32}\"")]
    private static partial Regex PlanDigest();

    [GeneratedRegex("\"content_digest\":\"[0-9a-f]{32}\"")]
    private static partial Regex ContentDigest();
}
