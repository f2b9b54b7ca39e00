using ClipDistributed.Benchmarks.Gpu.Devices;
using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Collectives;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>Many steps on the same pairs, with gradient caching: memory and the number of tensors stay as they are, losses fall.</summary>
internal static class TrainCheck
{
    private const double AllowedMiB = 64;

    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
        [new("train", TimeSpan.FromMinutes(30), report => Run(options, report))];

    private static void Run(GpuOptions options, CheckReport report)
    {
        report.Phase("loading libtorch");
        var device = options.Open();
        var size = options.IsCpu ? new SyntheticSize("tiny", 64, 32) : new SyntheticSize("small", 1024, 256);
        report.Set("preset", size.Preset);
        report.Set("steps", options.Steps);
        using var alone = new SoloCollective();
        using var step = SyntheticStep.Create(
            size with { Steps = options.Steps, GpuMemory = DeviceMemory.Total(device) }, alone, device);
        var losses = new List<double>();
        int settled = Math.Max(2, options.Steps / 10); // first steps fill caches
        double before = 0, most = 0;
        long tensors = 0;
        for (int i = 1; i <= options.Steps; i++)
        {
            report.Phase($"step {i}");
            losses.Add(step.Run().Loss);
            double used = DeviceMemory.UsedMiB(device);
            if (i == settled)
                (before, tensors) = (used, Tensor.TotalCount);
            most = i <= settled ? before : Math.Max(most, used);
        }
        report.Set("memory_mib", before);
        report.Set("memory_growth_mib", most - before);
        report.Set("tensor_growth", Tensor.TotalCount - tensors);
        report.Set("first_loss", losses[0]);
        report.Set("last_loss", losses[^1]);
        report.Require(most - before <= AllowedMiB, $"memory grew by {most - before:0} MiB after step {settled}");
        report.Require(Tensor.TotalCount == tensors, $"{Tensor.TotalCount - tensors} more tensors live than after step {settled}");
        report.Require(losses.All(double.IsFinite), "a loss is non-finite");
        int part = Math.Max(1, losses.Count / 4);
        report.Require(losses.TakeLast(part).Average() < losses.Take(part).Average(), "the loss does not fall");
    }
}
