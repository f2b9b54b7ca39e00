using ClipDistributed.Cli.Verification;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Tests.Verification;

public sealed class RecordedStepTests : IDisposable
{
    private readonly RunDirectory directory = new(Directory.CreateTempSubdirectory("steps-").FullName);

    [Fact]
    public void ReadAll_StepThatNoRunReaches_IsRefused()
    {
        string line = File.ReadLines(Fixtures.File("cases", "runs", "older", "run", "metrics.jsonl"))
            .First();
        File.WriteAllText(directory.Metrics, line.Replace("\"step\":1,", "\"step\":9223372036854775807,", StringComparison.Ordinal));

        Assert.Throws<BadInputException>(() => RecordedStep.ReadAll(directory));
    }

    [Fact]
    public void ReadAll_MetricsAreAPipe_IsRefusedAtOnce()
    {
        SpecialFiles.MakeFifo(directory.Metrics);

        string error = Assert.Throws<BadInputException>(() => RecordedStep.ReadAll(directory)).Errors[0];
        Assert.StartsWith($"{directory.Metrics} is a pipe", error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(directory.Root, recursive: true);
}
