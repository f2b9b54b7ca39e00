using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Tensors.Trainings;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>Two replicas on one device, on a GPU over Gloo and the memory of the host, against one.</summary>
internal static class InvarianceCheck
{
    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
        [new("invariance", TimeSpan.FromMinutes(5), report => Run(options, report))];

    private static void Run(GpuOptions options, CheckReport report)
    {
        report.Phase("loading libtorch");
        var device = options.Open();
        var training = new InvarianceCase(2, Loss.Softmax, OptimizerName.Adamw, UnevenShares: true).Training() with { Device = device };
        report.Phase("one replica");
        var one = training.Run(world: 1);
        report.Phase("two replicas");
        var compared = Comparison.Of(training, one, world: 2);
        report.Set("steps", training.Steps);
        report.Within("loss", compared.Loss, Comparison.LossBound);
        report.Within("norm", compared.Norm, Comparison.LossBound);
        report.Within("gradient", compared.Gradient, Comparison.GradientBound);
        report.Within("weights", compared.Weights, Comparison.GradientBound);
        report.Require(compared.Digests, "the digests of the samples differ");
    }
}
