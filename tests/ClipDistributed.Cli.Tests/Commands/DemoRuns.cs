using System.Text.Json;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Trains the demo in several ways, to compare each with the undisturbed run; made when the first test asks for it.</summary>
public sealed class DemoRuns : IDisposable
{
    /// <summary>Names of runs.</summary>
    public const string Undisturbed = "run", Damaged = "broken-run";

    /// <summary>The change of the spec that makes <see cref="Damaged"/>.</summary>
    public static readonly string[] DamagedRows = ["--set", "data.train=[{path: broken}]"];

    private readonly Lazy<DemoData> data = new(() => new DemoData());
    private readonly Lazy<ClipdResult> undisturbed, damaged;

    public DemoRuns()
    {
        undisturbed = new(() => Train());
        damaged = new(() =>
        {
            Data.WriteDamagedAsync("broken").GetAwaiter().GetResult();
            return Train(["--set", $"run_directory={Damaged}", .. DamagedRows]);
        });
    }

    public DemoData Data => data.Value;

    public Clipd Start(string run, bool resume, params string[] more) =>
        Clipd.Start(
            Data.Folder,
            ["train", "spec.yaml", "--json", "--set", $"run_directory={run}", .. resume ? ["--resume"] : Array.Empty<string>(), .. more]
        );

    /// <summary>Trains <see cref="Undisturbed"/> where that was not done.</summary>
    public ClipdResult TrainUndisturbed() => undisturbed.Value;

    /// <summary>Trains <see cref="Damaged"/> where that was not done.</summary>
    public ClipdResult TrainDamaged() => damaged.Value;

    public List<CheckpointSaved> Saved(string run) =>
        [.. File.ReadLines(Data.Path(run, "events.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Checkpoint).OfType<CheckpointSaved>()];

    public List<StepMetrics> Steps(string run) =>
        [.. File.ReadLines(Data.Path(run, "metrics.jsonl")).Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>()];

    /// <summary>Every step once, with the losses and digests of the undisturbed run, and its weights at the end, to the bit.</summary>
    public void AssertUndisturbed(string run, int attempt)
    {
        TrainUndisturbed();
        AssertSame(Undisturbed, run, attempt);
    }

    /// <summary>As above, of any two runs.</summary>
    public void AssertSame(string expected, string actual, int attempt)
    {
        static string Key(StepMetrics step) =>
            JsonSerializer.Serialize(
                (step.Step, step.Loss, step.GradNorm, step.PlanDigest, step.ContentDigest),
                new JsonSerializerOptions { IncludeFields = true }
            );
        var (one, other) = (Steps(expected).Select(Key).ToList(), Steps(actual).Select(Key).ToList());
        int same = one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count(); // the digests say whether it was the data
        Assert.True(
            one.SequenceEqual(other),
            $"after {same} steps: {expected} {one.ElementAtOrDefault(same)}, {actual} {other.ElementAtOrDefault(same)}");
        Assert.Equal(Data.FinalWeights(expected, 1), Data.FinalWeights(actual, attempt));
    }

    public void Dispose()
    {
        if (data.IsValueCreated)
            Data.Dispose();
    }

    private ClipdResult Train(params string[] more)
    {
        var result = Clipd.Run(Data.Folder, ["train", "spec.yaml", .. more]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result;
    }
}
