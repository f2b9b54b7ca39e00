using System.Diagnostics;
using System.Globalization;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.TestKit.ParquetFiles;
using ClipDistributed.TestKit.Tensors.Trainings;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>Shows that a trajectory does not depend on the replicas that compute it: as threads of one process, and as real processes under
/// a coordinator.</summary>
internal static class InvarianceTable
{
    private const int Steps = 20;

    private static readonly int[] Worlds = [2, 3, 4];

    /// <returns>The exit code: 1 where a row does not hold.</returns>
    public static int Run(string clipd)
    {
        Console.WriteLine(
            $"{Steps} steps; largest differences from one replica. Gradients: first and last step, from the same weights, "
                + $"over each parameter's largest element."
        );
        Console.WriteLine(
            $"{"model", -7} {"loss", -8} {"optimizer", -9} {"replicas", -10} {"shares", -8} {"data", -8} {"loss", 9} {"norm", 9} "
                + $"{"gradient", 9} {"weights", 9}  digests"
        );
        var rows = Threads().Concat(Processes(clipd)).Select(Show).ToList();
        double worst = rows.Max(row => row.Loss);
        bool holds = rows.All(row => row.Holds);
        Console.WriteLine(
            $"invariance: max relative loss difference {worst.ToString("0.0e+00", CultureInfo.InvariantCulture)} · digests "
                + $"{(rows.All(row => row.Digests) ? "equal" : "DIFFER")}{(holds ? "" : " · OUT OF BOUNDS")}"
        );
        return holds ? 0 : 1;
    }

    private static IEnumerable<(string Name, Comparison Compared)> Threads()
    {
        foreach (var group in InvarianceCase.All.GroupBy(row => (row.Loss, row.Optimizer, row.Towers)))
        {
            var one = group.First().Training().Run(1);
            foreach (var row in group)
                yield return (
                    $"{row.Towers, -7} {row.Loss, -8} {row.Optimizer, -9} {$"{row.World} threads", -10} "
                        + $"{(row.UnevenShares ? "changing" : "even"), -8} {"tensors", -8}",
                    Comparison.Of(row.Training(), one, row.World)
                );
        }
    }

    /// <summary>The tiny model on rendered shapes, as they are and with damaged rows, which others stand in for.</summary>
    private static IEnumerable<(string Name, Comparison Compared)> Processes(string clipd)
    {
        string folder = Directory.CreateTempSubdirectory("invariance-").FullName;
        try
        {
            Call("data", "shapes", "data", "--train", "2000", "--validation", "144", "--size", "32");
            DamagedCopy.WriteAsync(Path.Combine(folder, "data", "train"), Path.Combine(folder, "data", "damaged")).GetAwaiter().GetResult();
            foreach (var (loss, data) in new[] { ("softmax", "train"), ("sigmoid", "train"), ("softmax", "damaged") })
            {
                string run = Path.Combine(folder, $"{loss}-{data}");
                File.WriteAllText(Path.Combine(folder, "spec.yaml"), $$"""
                    data: {train: [{path: data/{{data}}}]}
                    model: {preset: tiny}
                    loss: {{loss}}
                    batch: {global: 250, micro: 48}
                    samples: {{250 * Steps}}
                    """);
                foreach (int world in Worlds.Prepend(1))
                    Call("train", "spec.yaml", "--set", $"run_directory={run}-{world}", "--replicas", $"{world}", "--threads", "1");
                foreach (int world in Worlds)
                    yield return (
                        $"{"tiny", -7} {loss, -8} {"adamw", -9} {$"{world} processes", -10} {"even", -8} "
                            + $"{(data == "damaged" ? data : "sound"), -8}",
                        Compare($"{run}-1", $"{run}-{world}", data == "damaged")
                    );
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Call(params string[] arguments)
        {
            using var process = Process.Start(
                new ProcessStartInfo(clipd, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true }
            )!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"clipd {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
        }
    }

    /// <summary>From what the runs wrote; gradients are only to be had from within, so they count as equal here.</summary>
    /// <param name="damaged">Rows were replaced, else the comparison would show nothing of it.</param>
    private static Comparison Compare(string one, string many, bool damaged)
    {
        var pairs = StepsOf(one).Zip(StepsOf(many)).ToList();
        return new Comparison(
            pairs.Max(pair => Math.Abs(pair.Second.Loss / pair.First.Loss - 1)),
            pairs.Max(pair => Math.Abs(pair.Second.GradNorm / pair.First.GradNorm - 1)),
            Gradient: 0,
            Weights(one, many),
            pairs.Count == Steps
                && pairs.All(pair => Content(pair.First) == Content(pair.Second))
                && pairs.Any(pair => pair.First.Replaced > 0) == damaged
        );
    }

    private static (string, string, int) Content(StepMetrics step) => (step.PlanDigest, step.ContentDigest, step.Replaced);

    private static IEnumerable<StepMetrics> StepsOf(string run) =>
        File.ReadLines(new RunDirectory(run).Metrics).Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>();

    private static double Weights(string one, string many)
    {
        using var scope = NewDisposeScope();
        using var first = SafetensorsFile.Open(Path.Combine(new RunDirectory(one).Checkpoint(1, Steps), "open_clip_model.safetensors"));
        using var second = SafetensorsFile.Open(Path.Combine(new RunDirectory(many).Checkpoint(1, Steps), "open_clip_model.safetensors"));
        return first.Entries.Keys.Where(name => !name.EndsWith("in_proj_bias", StringComparison.Ordinal))
            .Max(name => (first.Load(name) - second.Load(name)).abs().max().ToDouble());
    }

    private static Comparison Show((string Name, Comparison Compared) row)
    {
        var compared = row.Compared;
        Console.WriteLine(
            $"{row.Name} {compared.Loss, 9:0.0e+00} {compared.Norm, 9:0.0e+00} "
                + $"{(compared.Gradient == 0 ? "" : $"{compared.Gradient:0.0e+00}"), 9} {compared.Weights, 9:0.0e+00}  "
                + $"{(compared.Digests ? "equal" : "DIFFER")}"
        );
        return compared;
    }
}
