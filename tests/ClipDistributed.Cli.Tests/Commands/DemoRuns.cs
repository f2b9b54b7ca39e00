using System.Text.Json;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Trains the demo in several ways, to compare each with the undisturbed run; made when the first test asks for it.</summary>
public sealed class DemoRuns : IDisposable
{
    private readonly Lazy<DemoData> data = new(() => new DemoData());
    private readonly Lock gate = new();
    private string? undisturbed;

    public DemoData Data => data.Value;

    public Clipd Start(string run, bool resume, params string[] more) =>
        Clipd.Start(
            Data.Folder,
            ["train", "spec.yaml", "--json", "--set", $"run_directory={run}", .. resume ? ["--resume"] : Array.Empty<string>(), .. more]
        );

    public string Undisturbed()
    {
        lock (gate)
        {
            if (undisturbed is null)
            {
                var result = Clipd.Run(Data.Folder, "train", "spec.yaml");
                Assert.True(result.ExitCode == 0, result.Errors);
                undisturbed = "run";
            }
            return undisturbed;
        }
    }

    public List<CheckpointSaved> Saved(string run) =>
        [.. File.ReadLines(Data.Path(run, "events.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Checkpoint).OfType<CheckpointSaved>()];

    public List<StepMetrics> Steps(string run) =>
        [.. File.ReadLines(Data.Path(run, "metrics.jsonl")).Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>()];

    /// <summary>Every step once, with bit-equal losses and digests, and bit-equal weights at the end.</summary>
    public void AssertSame(string expected, string actual, int attempt)
    {
        static string Key(StepMetrics step) =>
            JsonSerializer.Serialize(
                (step.Step, step.Loss, step.GradNorm, step.PlanDigest, step.ContentDigest),
                new JsonSerializerOptions { IncludeFields = true }
            );
        Assert.Equal(Steps(expected).Select(Key), Steps(actual).Select(Key));
        Assert.Equal(Data.FinalWeights(expected, 1), Data.FinalWeights(actual, attempt));
    }

    public void Dispose()
    {
        if (data.IsValueCreated)
            Data.Dispose();
    }
}
