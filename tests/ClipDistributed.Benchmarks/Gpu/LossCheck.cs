using System.Diagnostics;
using ClipDistributed.Benchmarks.Gpu.Devices;
using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Collectives;
using ClipDistributed.Training.Loss;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>Seconds and memory of the softmax loss over a large global batch, for one size of tiles.</summary>
internal static class LossCheck
{
    private const int Repeats = 3;

    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
        options.Tiles.Select(tile => new GpuCheck($"loss {tile}", TimeSpan.FromMinutes(10), report => Run(options, tile, report)));

    private static void Run(GpuOptions options, int tile, CheckReport report)
    {
        report.Phase("loading libtorch");
        var device = options.Open();
        report.Phase("embeddings");
        using var alone = new SoloCollective();
        using var loss = new SyntheticLoss(alone, new SoftmaxLoss(alone, tile), options.Pairs, device);
        double before = DeviceMemory.UsedMiB(device), value = 0;
        var seconds = new List<double>();
        for (int i = 0; i <= Repeats; i++)
        {
            report.Phase($"pass {i}");
            long start = Stopwatch.GetTimestamp();
            value = loss.Run(); // reads its result, so the device is done
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        report.Set("pairs", options.Pairs);
        report.Set("width", SyntheticLoss.Width);
        report.Set("loss", value);
        report.Set("seconds_per_pass", seconds.Skip(1).Order().ElementAt(Repeats / 2));
        report.Set("memory_mib", DeviceMemory.PeakMiB(device) - before);
        // Of rows that know nothing of each other the loss is near that of a guess.
        report.Require(Math.Abs(value / Math.Log(options.Pairs) - 1) < 0.2, $"the loss is {value}, far from ln {options.Pairs}");
    }
}
