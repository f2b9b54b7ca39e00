using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Trains the demo in several ways, to compare each with the undisturbed run; made when the first test asks for it.</summary>
public sealed class DemoRuns : IDisposable
{
    /// <summary>Names of runs.</summary>
    public const string Undisturbed = "run", Damaged = "broken-run";

    private const double MaxDifference = 1e-5, MaxNormDifference = 1e-4; // relative

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

    /// <summary>Every step once, with the digests of the undisturbed run, its losses, and its weights at the end.</summary>
    public void AssertUndisturbed(string run, int attempt)
    {
        TrainUndisturbed();
        AssertSame(Undisturbed, run, attempt);
    }

    /// <summary>
    /// As above, of any two runs. Losses are within the 1e-5 that the README promises: about once in some hundred processes the first step
    /// of one rounds otherwise, by 3e-6 with equal digests, for a reason that is not known yet. Where no loss differs in a bit, no weight
    /// does.
    /// </summary>
    public void AssertSame(string expected, string actual, int attempt)
    {
        var (one, other) = (Steps(expected), Steps(actual));
        static (long, string, string) Seen(StepMetrics step) => (step.Step, step.PlanDigest, step.ContentDigest);
        Assert.Equal(one.Select(Seen), other.Select(Seen));
        foreach (var (want, got) in one.Zip(other))
        {
            double loss = Math.Abs(got.Loss / want.Loss - 1), norm = Math.Abs(got.GradNorm / want.GradNorm - 1);
            Assert.True(
                loss <= MaxDifference && norm <= MaxNormDifference,
                $"step {want.Step}: {expected} {want.Loss:R}, norm {want.GradNorm:R}; {actual} {got.Loss:R}, norm {got.GradNorm:R}");
        }
        if (one.Select(step => step.Loss).SequenceEqual(other.Select(step => step.Loss)))
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
