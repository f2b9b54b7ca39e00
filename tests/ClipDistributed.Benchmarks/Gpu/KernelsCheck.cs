using ClipDistributed.Benchmarks.Gpu.Kernels;
using ClipDistributed.Benchmarks.Gpu.Running;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>Each operation of a step, forward and backward, against float32 on the CPU. TF32 is far above the bound of float32.</summary>
internal static class KernelsCheck
{
    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
    [
        new("kernels float32", TimeSpan.FromMinutes(3), report => Run(options, ScalarType.Float32, 2e-5, report)),
        new("kernels bfloat16", TimeSpan.FromMinutes(3), report => Run(options, ScalarType.BFloat16, 2e-2, report)),
    ];

    private static void Run(GpuOptions options, ScalarType type, double bound, CheckReport report)
    {
        report.Phase("loading libtorch");
        var device = options.Open();
        foreach (var kernel in StepKernels.All.Where(kernel => type == ScalarType.Float32 || kernel.IsOfTowers))
        {
            report.Phase(kernel.Name);
            report.Within(kernel.Name, kernel.Error(type, device), bound);
        }
    }
}
