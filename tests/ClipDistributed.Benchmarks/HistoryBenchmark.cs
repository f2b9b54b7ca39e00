using System.Diagnostics;
using System.Globalization;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.History.MetricQueries;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.TestKit.Files;
using Google.Protobuf;

namespace ClipDistributed.Benchmarks;

/// <summary>How long metrics of a long run take to read, and how large its store is. No tensor is computed.</summary>
internal static class HistoryBenchmark
{
    private const string RunId = "demo-1";
    private const int Batch = 10_000, Repeats = 5;

    public static int Run(int steps) => RunAsync(steps).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(int steps)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("coordinator.db");
        using var store = RunStore.Open(new CoordinatorOptions { StateDirectory = folder.Path });
        var run = new RunRow { RunId = RunId, JobId = "demo", Name = "demo", Number = 1, RunDirectory = "/none" };
        await store.AddAsync(
            new JobRow { JobId = "demo", Name = "demo", RunDirectory = "/none", Submitted = DateTime.UnixEpoch, Spec = [] }, run);
        var rollups = new RollupStore(store);
        var writer = new RollupWriter(rollups);
        var (saving, rolling) = (new Stopwatch(), new Stopwatch());
        for (int first = 1; first <= steps; first += Batch)
        {
            var news = new RunNews();
            news.Records.AddRange(Enumerable.Range(first, Math.Min(Batch, steps - first + 1)).Select(Row));
            run.Saves++;
            saving.Start();
            await store.SaveAsync(run, news);
            saving.Stop();
        }
        long raw = Size(file);
        rolling.Start();
        await writer.CatchUpAsync(RunId, CancellationToken.None);
        rolling.Stop();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{steps:N0} steps: records {raw / 1e6:0.0} MB, rollups {(Size(file) - raw) / 1e6:0.0} MB more; "
                + $"saved in {saving.Elapsed.TotalSeconds:0.0} s, rolled up at once in {rolling.Elapsed.TotalSeconds:0.0} s"));

        var history = new MetricHistory(rollups, writer);
        Console.WriteLine("first step  last step  names  points asked  points  steps per point  ms (median)  ms (first)");
        foreach (string[] names in (string[][])[["loss"], []])
        {
            foreach (int points in (int[])[500, 2_000])
            {
                foreach (int range in (int[])[2_000, 29_000, 120_000, 500_000, steps])
                    await MeasureAsync(
                        history,
                        MetricQuery.Of(names, Math.Max(1, (steps - range) / 2), Math.Min(steps, (steps + range) / 2), points));
            }
        }
        return 0;
    }

    private static async Task MeasureAsync(MetricHistory history, MetricQuery query)
    {
        var times = new List<double>();
        Contracts.Control.V1.QueryMetricsResponse answer = new();
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            var watch = Stopwatch.StartNew();
            answer = await history.QueryAsync(RunId, query, CancellationToken.None);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{query.First,10}  {query.Last,9}  {query.Metrics.Count,5}  {query.Points,12}  {answer.Series[0].Points.Count,6}  "
                + $"{answer.StepsPerPoint,15}  {times.Order().ElementAt(Repeats / 2),11:0.0}  {times[0],10:0.0}"));
    }

    private static RecordRow Row(int step) => new()
    {
        RunId = RunId,
        Sequence = step,
        Time = DateTime.UnixEpoch.AddSeconds(step),
        ReplicaId = "demo-1-r1",
        Generation = 1,
        Number = step,
        Record = Record(step).ToByteArray(),
    };

    /// <summary>As a replica sends it, all fields included.</summary>
    private static RunRecord Record(int step)
    {
        var random = new Random(step);
        string digest = Convert.ToHexStringLower(BitConverter.GetBytes(random.NextInt64()));
        return new RunRecord
        {
            Host = "a",
            Version = "0.1.0",
            Step = new StepMetrics
            {
                Step = step,
                Samples = step * 32_768L,
                Epoch = step / 1000,
                Loss = 10 / Math.Sqrt(step) + random.NextDouble(),
                LogitScale = 14.3 + random.NextDouble(),
                Lr = 1e-3 * random.NextDouble(),
                GradNorm = random.NextDouble(),
                PlanDigest = digest,
                ContentDigest = digest,
                Seconds = random.NextDouble(),
                SamplesPerSecond = 1000 * random.NextDouble(),
                Applied = true,
                Split = new StepSplit
                {
                    Data = random.NextDouble(),
                    Forward = random.NextDouble(),
                    Wait = random.NextDouble(),
                    Gather = random.NextDouble(),
                    Loss = random.NextDouble(),
                    Backward = random.NextDouble(),
                    Reduce = random.NextDouble(),
                    Optimizer = random.NextDouble(),
                },
                Pipeline = new PipelineWaits
                {
                    Reading = random.NextDouble(), Decoding = random.NextDouble(), Step = random.NextDouble(),
                },
            },
        };
    }

    /// <summary>With what is not in the file itself yet.</summary>
    private static long Size(string file) =>
        new[] { file, $"{file}-wal" }.Where(File.Exists).Sum(part => new FileInfo(part).Length);
}
