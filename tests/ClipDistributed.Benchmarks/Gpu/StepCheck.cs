using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ClipDistributed.Benchmarks.Gpu.Devices;
using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Coordinator.Metrics;
using ClipDistributed.Training.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>
/// Steps of one replica on as many pairs as fit at once, on a GPU in bfloat16: samples per second, and what part of the device's rate of
/// matrix products they use. A peer's step is measured first, on as many pairs as fit there, and the own one on no more than those.
/// </summary>
internal static class StepCheck
{
    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
        options.Presets.Select(preset =>
            new GpuCheck($"step {preset}", TimeSpan.FromMinutes(10), report => Run(options, preset, report)));

    private static void Run(GpuOptions options, string preset, CheckReport report)
    {
        var config = ModelPresets.Find(preset)?.Model ?? throw new BadInputException($"There is no preset {preset}.");
        var peer = options.Peer is null ? null : MeasurePeer(options, config, preset, report);

        report.Phase("loading libtorch");
        var device = options.Open();
        using var alone = new SoloCollective();
        int most = Math.Min(options.MaxMicroBatch, (int?)peer?["rows"] ?? int.MaxValue);
        var size = new SyntheticSize(preset, most, most) { Bfloat16 = !options.IsCpu, GpuMemory = DeviceMemory.Total(device) };
        using var step = OpenLargest(size, alone, device, report);
        int rows = step.Size.GlobalBatch;

        report.Phase($"{rows} pairs");
        double seconds = Median(step, options.IsCpu ? 2 : 10);
        report.Set("rows", rows);
        report.Set("precision", step.Size.Bfloat16 ? "bfloat16" : "float32");
        report.Set("seconds_per_step", seconds);
        report.Set("samples_per_second", rows / seconds);
        report.Set("memory_mib", DeviceMemory.PeakMiB(device));
        if (peer is not null)
            report.Set("peer_ratio", rows / seconds / (double)peer["samples_per_second"]!);
        ShowUse(options, config, rows / seconds, device, report);
    }

    /// <summary>Halves the rows until a step fits.</summary>
    private static SyntheticStep OpenLargest(SyntheticSize size, ICollective alone, Device device, CheckReport report)
    {
        for (int rows = size.GlobalBatch; ; rows /= 2)
        {
            report.Phase($"trying {rows} pairs");
            var step = SyntheticStep.Create(size with { GlobalBatch = rows, MicroBatch = rows }, alone, device);
            try
            {
                step.Run();
                return step;
            }
            catch (ExternalException full) when (rows > 1 && FailedAllocation.Of(full) is not null)
            {
                step.Dispose();
                GC.Collect(); // what the graph of the failed step still holds
                GC.WaitForPendingFinalizers();
            }
        }
    }

    /// <summary>Of some steps after two that warm up.</summary>
    private static double Median(SyntheticStep step, int repeats)
    {
        var seconds = new List<double>();
        for (int i = 0; i < repeats + 2; i++)
        {
            long start = Stopwatch.GetTimestamp();
            step.Run();
            using (step.Model.LogitScale.cpu()) // the step's last kernels are done before this is read
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return seconds.Skip(2).Order().ElementAt(repeats / 2);
    }

    private static void ShowUse(GpuOptions options, ModelConfig config, double samples, Device device, CheckReport report)
    {
        report.Phase("matrix products");
        double products = Products(device, options.IsCpu ? 512 : 8192, options.IsCpu ? ScalarType.Float32 : ScalarType.BFloat16);
        report.Set("products_tflops", products);
        if (TowerFlops.OfStep(config) is not { } flops)
            return;
        double rate = samples * flops / 1e12;
        report.Set("gflops_per_sample", flops / 1e9);
        report.Set("tflops", rate);
        report.Set("use_of_products", rate / products);
        if (PeakOf(options, device) is not { } peak)
            return;
        report.Set("peak_tflops", peak.Tflops);
        report.Set("peak_source", peak.Source);
        report.Set("mfu", rate / peak.Tflops);
    }

    private static (double Tflops, string Source)? PeakOf(GpuOptions options, Device device)
    {
        if (options.Peak is { } given)
            return (given, "--peak");
        return device.type == DeviceType.CUDA ? CardPeaks.Of(CudaDriver.Name(device.index)) : null;
    }

    /// <summary>TFLOP/s of a large matrix product, the best of ten.</summary>
    private static double Products(Device device, int side, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var a = randn([side, side], ScalarType.Float32, device).to(type);
        double best = double.MaxValue;
        for (int i = 0; i < 10; i++)
        {
            using var inner = NewDisposeScope();
            long start = Stopwatch.GetTimestamp();
            _ = a.matmul(a)[0, 0].cpu();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2 * Math.Pow(side, 3) / best / 1e12;
    }

    private static JsonObject MeasurePeer(GpuOptions options, ModelConfig config, string preset, CheckReport report)
    {
        report.Phase("the peer's steps");
        var peer = PeerStep.Run(options.Peer!, new PeerSize(preset, config, options.Device, options.MaxMicroBatch));
        report.Set("peer", peer.DeepClone());
        return peer;
    }
}
