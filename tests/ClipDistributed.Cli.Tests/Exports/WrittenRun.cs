using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Tests.Exports;

/// <summary>A run's directory as training leaves it, as far as an export reads it.</summary>
internal sealed class WrittenRun : IDisposable
{
    private static readonly DateTime Began = new(2026, 1, 31, 8, 15, 30, DateTimeKind.Utc);

    private readonly TemporaryFolder folder = new();

    public WrittenRun()
    {
        Directory = new RunDirectory(folder.File("demo"));
        System.IO.Directory.CreateDirectory(Directory.Root);
        File.WriteAllText(Directory.Spec, "name: demo\nmodel: {preset: tiny}\nbatch: {global: 8}\nsamples: 80\n");
        Save(finished: false);
    }

    public RunDirectory Directory { get; }

    public void Save(bool finished) =>
        new RunInfo { Name = "demo", Id = "0a1b", Parameters = 17, Finished = finished }.Save(Directory.Info);

    /// <summary>Adds steps, a second each.</summary>
    public void Steps(int first, int last, double loss = 1)
    {
        for (int step = first; step <= last; step++)
            Add(new RunRecord
            {
                Step = new StepMetrics { Step = step, Loss = loss + step, Lr = 0.5, Split = new StepSplit { Forward = 0.25 } },
            }, step);
    }

    public void Add(RunRecord record, double second)
    {
        record.Time = Began.AddSeconds(second).ToTimestamp();
        File.AppendAllText(Directory.Metrics, record.ToJson() + "\n");
    }

    /// <summary>The file as it is after the run went back to a checkpoint.</summary>
    public void KeepLines(int count) => File.WriteAllLines(Directory.Metrics, File.ReadLines(Directory.Metrics).Take(count).ToList());

    public void Dispose() => folder.Dispose();
}
