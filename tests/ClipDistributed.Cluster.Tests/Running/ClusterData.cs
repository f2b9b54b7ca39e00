using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>The data that all cluster tests train on, and what one replica alone makes of it.</summary>
public sealed class ClusterData : IDisposable
{
    public const int Steps = DemoData.Steps;

    private readonly DemoData demo = new();
    private readonly Dictionary<string, RecordedRun> alone = [];
    private int runs;

    public string Folder => demo.Folder;

    public string Path(params string[] parts) => demo.Path(parts);

    /// <summary>The training rows with damaged ones among them, as a change of the spec.</summary>
    public async Task<string> DamagedAsync()
    {
        if (!Directory.Exists(Path("damaged")))
            await demo.WriteDamagedAsync("damaged");
        return "data.train=[{path: damaged}]";
    }

    /// <summary>A full spec with a run directory of its own.</summary>
    /// <param name="changes">As for <c>--set</c>.</param>
    public TrainingSpec Spec(params string[] changes)
    {
        var spec = SpecDefaults.Fill(SpecReader.ReadFile(Path("spec.yaml"), changes));
        if (spec.RunDirectory == "run")
            spec.RunDirectory = $"run-{++runs}";
        MakeAbsolute(spec);
        return spec;
    }

    /// <summary>The same run of <c>clipd train</c> with one replica; computed once.</summary>
    internal RecordedRun Alone(params string[] changes)
    {
        string key = string.Join(' ', changes);
        if (!alone.TryGetValue(key, out var run))
        {
            string directory = $"alone-{alone.Count + 1}";
            var result = Clipd.Run(
                Folder,
                [
                    "train",
                    "spec.yaml",
                    "--threads",
                    "1",
                    "--set",
                    $"run_directory={directory}",
                    .. changes.SelectMany(change => new[] { "--set", change }),
                ]
            );
            Assert.True(result.ExitCode == 0, result.Errors);
            alone[key] = run = new RecordedRun(new RunDirectory(Path(directory)));
        }
        return run;
    }

    internal static RecordedRun Recorded(TrainingSpec spec) => new(new RunDirectory(spec.RunDirectory));

    public void Dispose() => demo.Dispose();

    /// <summary>Its paths count from the data's folder, not from this process's.</summary>
    private void MakeAbsolute(TrainingSpec spec)
    {
        spec.RunDirectory = Path(spec.RunDirectory);
        foreach (var source in spec.Data.Train.Concat(spec.Data.Validation))
            source.Path = Path(source.Path);
        (spec.Model.Config, spec.Evaluate.Zeroshot.Classes, spec.Evaluate.Zeroshot.Templates) =
            (Path(spec.Model.Config), Path(spec.Evaluate.Zeroshot.Classes), Path(spec.Evaluate.Zeroshot.Templates));
    }
}

/// <summary>Tests that share the data and run one after the other: each starts several processes.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterData>
{
    public const string Name = "cluster";
}
