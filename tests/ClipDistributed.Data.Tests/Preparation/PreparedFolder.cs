using System.Globalization;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.Records;

namespace ClipDistributed.Data.Tests.Preparation;

/// <summary>A project with shards in <c>data</c> and a run in <c>run</c>, as replicas leave it, without any tensor.</summary>
internal sealed class PreparedFolder : IDisposable
{
    private const int Batch = 8;

    private readonly TemporaryFolder folder = new();

    private PreparedFolder()
    {
    }

    public string Path => folder.Path;

    public RunDirectory Run => new(folder.File("run"));

    public static async Task<PreparedFolder> CreateAsync()
    {
        var made = new PreparedFolder();
        await WriteShardsAsync(made.folder.File("project/data"), "caption");
        return made;
    }

    /// <summary>Of equal rows and equal file lengths for captions of equal lengths.</summary>
    public static async Task WriteShardsAsync(string data, string caption)
    {
        Directory.CreateDirectory(data);
        await using var writer = new ParquetShardWriter(data, "rows", rowsPerShard: 25, rowsPerGroup: 10);
        for (int row = 0; row < 40; row++)
            await writer.AddAsync([(byte)row], string.Create(CultureInfo.InvariantCulture, $"{caption} {row} {row * 7919}"));
    }

    /// <param name="project">The folder that holds the data.</param>
    public TrainingSpec Spec(string project = "project") => new()
    {
        Name = "demo",
        Data = new DataSpec { Train = { new SourceSpec { Path = folder.File($"{project}/data") } } },
        Model = new ModelSpec { Preset = "tiny" },
        Batch = new BatchSpec { Global = Batch, Streams = 2, Micro = 4 },
        Samples = 10 * Batch,
        RunDirectory = Run.Root,
    };

    public PreparedRun Prepare(TrainingSpec spec, bool resume) => RunPreparation.Prepare(spec, resume, _ => { });

    /// <summary>As a run leaves it that made some steps.</summary>
    /// <param name="checkpoint">Of that step; 0: none.</param>
    public void Train(long steps, long checkpoint)
    {
        (RunInfo.Load(Run.Info) with { Attempts = [new RunAttempt(1, 0, 0)] }).Save(Run.Info);
        File.WriteAllLines(
            Run.Metrics,
            Enumerable
                .Range(1, (int)steps)
                .Select(step => new RunRecord { Step = SampleRecords.Step(step) }.ToJson())
        );
        if (checkpoint > 0)
            Directory.CreateDirectory(Run.Checkpoint(1, checkpoint));
    }

    public void Dispose() => folder.Dispose();
}
