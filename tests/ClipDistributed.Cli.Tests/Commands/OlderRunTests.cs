using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>A run that an older program began, in a project that was moved since: it goes on as if nothing had been.</summary>
public sealed class OlderRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-older-").FullName;

    public OlderRunTests() => OlderRun.CopyTo(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Train_RunOfAnOlderProgram_GoesOnToTheSameLosses()
    {
        var resumed = Clipd.Run(folder, "train", "spec.yaml", "--resume", "--threads", "1");

        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Errors));
        Assert.Contains("going on after step 10", resumed.Output, StringComparison.Ordinal);
        var (expected, found) = (Steps("whole-metrics.jsonl"), Steps("run/metrics.jsonl"));
        Assert.Equal(
            expected.Select(step => (step.Step, step.PlanDigest, step.ContentDigest)),
            found.Select(step => (step.Step, step.PlanDigest, step.ContentDigest))
        );
        // Another processor rounds otherwise; on the one that wrote the file they are equal to the bit.
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-3));
        Assert.Equal([1, 2], RunInfo.Load(Path.Combine(folder, "run", "run.json")).Attempts.Select(attempt => attempt.Number));
    }

    private StepMetrics[] Steps(string file) =>
        [.. File.ReadLines(Path.Combine(folder, file)).Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>()];
}
