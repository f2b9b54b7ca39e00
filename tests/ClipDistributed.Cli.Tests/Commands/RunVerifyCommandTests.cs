using System.Text.RegularExpressions;
using ClipDistributed.Cli.Tests.Processes;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Runs of real processes are verified as they are, and with what could have gone wrong.</summary>
public sealed partial class RunVerifyCommandTests(DemoData demo) : IClassFixture<DemoData>
{
    private const int Steps = 18; // into the second epoch

    [Fact]
    public void Verify_WholeRun_IsEqual()
    {
        string run = Train("whole");
        AssertVerified(0, $"verified {Steps} steps: plan digests equal\n", run);
        AssertVerified(0, $"verified {Steps} steps: plan digests equal; content digests equal\n", run, "--content");
        AssertVerified(0, $"verified {Steps} steps: plan digests equal; against {run}, {Steps} steps: both digests equal\n", run, "--against", run);
    }

    [Fact]
    public async Task Verify_RunWithDamagedRows_ReplacesThemTheSameWay()
    {
        await demo.WriteDamagedAsync("broken");
        string run = Train("damaged", "--set", "data.train=[{path: broken}]");
        Assert.Contains(File.ReadLines(demo.Path(run, "metrics.jsonl")).Select(ReplicaMessage.TryParse).OfType<StepMetrics>(), step => step.Replaced > 0);
        AssertVerified(0, $"verified {Steps} steps: plan digests equal; content digests equal\n", run, "--content");
    }

    [Fact]
    public void Verify_AlteredDigests_NamesTheSteps()
    {
        string run = Train("altered");
        var lines = Lines(run);
        lines[4] = PlanDigest().Replace(lines[4], "\"plan_digest\":\"00000000000000000000000000000000\"");
        lines[6] = ContentDigest().Replace(lines[6], "\"content_digest\":\"11111111111111111111111111111111\"");
        Write(run, lines);

        var plans = Verify(run);
        Assert.Equal(1, plans.ExitCode);
        Assert.StartsWith("step 5: its plan digest is 00000000000000000000000000000000, spec and manifest give ", plans.Output);
        Assert.EndsWith($"\nverified {Steps} steps: plan digests DIFFER\n", plans.Output);
        var contents = Verify(run, "--content");
        Assert.Equal(1, contents.ExitCode);
        Assert.Contains("\nstep 7: its content digest is 11111111111111111111111111111111, the stored samples give ", contents.Output);
        Assert.EndsWith($"\nverified {Steps} steps: plan digests DIFFER; content digests DIFFER\n", contents.Output);
    }

    [Fact]
    public void Verify_MissingSteps_AreNamed()
    {
        string run = Train("gap");
        Write(run, [.. Lines(run).Where((_, i) => i is not 2 and not 3)]);
        AssertVerified(1, $"steps 3 to 4 are not recorded\nverified {Steps - 2} steps: plan digests DIFFER\n", run);
    }

    [Fact]
    public void Verify_AgainstARunOfAnotherSeed_Differs()
    {
        string run = Train("one"), other = Train("other", "--set", "seed=2");
        AssertVerified(0, $"verified {Steps} steps: plan digests equal\n", other);
        var result = Verify(run, "--against", other);
        Assert.Equal(1, result.ExitCode);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(12, lines.Length);
        Assert.Equal($"… and {2 * Steps - 10} more", lines[10]);
        Assert.Equal($"verified {Steps} steps: plan digests equal; against {other}, {Steps} steps: both digests DIFFER", lines[11]);
    }

    [Fact]
    public void Verify_ShorterRun_ComparesWhatBothHave()
    {
        string run = Train("long"), other = Train("short", "--set", "samples=256");
        AssertVerified(0, $"verified {Steps} steps: plan digests equal; against {other}, 4 steps: both digests equal\n", run, "--against", other);
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

    private string Train(string run, params string[] more)
    {
        string[] brief = ["train", "spec.yaml", "--set", $"run_directory={run}", "--set", $"samples={64 * Steps}", "--set", "evaluate={}"];
        var result = Clipd.Run(demo.Folder, [.. brief, .. more]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return run;
    }

    private ClipdResult Verify(string run, params string[] more) => Clipd.Run(demo.Folder, ["run", "verify", run, .. more]);

    private void AssertVerified(int exitCode, string output, string run, params string[] more)
    {
        var result = Verify(run, more);
        Assert.Equal((exitCode, output, ""), (result.ExitCode, result.Output, result.Errors));
    }

    private string[] Lines(string run) => File.ReadAllLines(demo.Path(run, "metrics.jsonl"));

    private void Write(string run, string[] lines) => File.WriteAllLines(demo.Path(run, "metrics.jsonl"), lines);

    [GeneratedRegex("\"plan_digest\":\"[0-9a-f]{32}\"")]
    private static partial Regex PlanDigest();

    [GeneratedRegex("\"content_digest\":\"[0-9a-f]{32}\"")]
    private static partial Regex ContentDigest();
}
