using ClipDistributed.Benchmarks.Gpu.Devices;
using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Collectives.Nccl;
using ClipDistributed.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>Whether libtorch loads and computes on the device, and what versions and card there are.</summary>
internal static class LoadCheck
{
    private const int Elements = 1000;

    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
        [new("load", TimeSpan.FromMinutes(3), report => Run(options, report))];

    private static void Run(GpuOptions options, CheckReport report)
    {
        report.Phase("reading the libraries");
        var missing = LibTorchFolder.Open(options.LibTorchFolder).FindMissingSymbols();
        report.Set("missing_symbols", string.Join(' ', missing));
        report.Require(missing.Count == 0, $"{missing.Count} symbols that TorchSharp needs are not there");

        report.Phase("loading libtorch");
        report.Set("device", options.Device);
        var device = options.Open();

        report.Phase("versions");
        var build = TorchBuild.Read();
        report.Set("libtorch", build.Version);
        report.Set("libtorch_path", build.Path);
        report.Set("cuda_runtime", build.CudaRuntime);
        report.Set("cudnn", build.CuDnn);
        if (device.type == DeviceType.CUDA)
            ShowCard(device.index, report);

        report.Phase("computing");
        using var scope = NewDisposeScope();
        double sum = ones([Elements], ScalarType.Float32, device).sum().cpu().ToDouble();
        report.Require(sum == Elements, $"{Elements} ones add up to {sum}");
        report.Set("memory_used_mib", DeviceMemory.UsedMiB(device));
    }

    private static void ShowCard(int ordinal, CheckReport report)
    {
        report.Set("driver_cuda", CudaDriver.Version);
        const string driver = "/proc/driver/nvidia/version";
        report.Set("driver", File.Exists(driver) ? File.ReadLines(driver).First() : null);
        report.Set("card", CudaDriver.Name(ordinal));
        report.Set("capability", CudaDriver.Capability(ordinal));
        report.Set("multiprocessors", CudaDriver.MultiprocessorsOf(ordinal));
        report.Set("memory_mib", CudaDriver.Memory(ordinal).Total >> 20);
        var nccl = new NcclLibrary(new NcclOptions { Rank = 0, World = 1, Name = "load" });
        report.Set("nccl", NcclLibrary.Text(nccl.Version()));
        report.Set("nccl_path", nccl.Path);
    }
}
