using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu.Kernels;

/// <summary>An operation of a step at a small size.</summary>
/// <param name="Shapes">Of its inputs, normal random numbers.</param>
/// <param name="Run">Its result; where that has a graph, the gradients of the inputs are compared too.</param>
internal sealed record Kernel(string Name, long[][] Shapes, Func<Tensor[], Tensor> Run)
{
    /// <summary>Of the towers, which compute in bfloat16 as well.</summary>
    public bool IsOfTowers { get; init; } = true;

    /// <summary>
    /// The largest difference of its result, or of a gradient, from float32 on the CPU, over the largest element. Both sides get the
    /// numbers as this type holds them.
    /// </summary>
    public double Error(ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        Tensor[] inputs = [.. Shapes.Select(shape => randn(shape, generator: generator).to(type))];
        var expected = Results([.. inputs.Select(input => input.to(ScalarType.Float32))], type);
        var actual = Results([.. inputs.Select(input => input.to(device))], type);
        return expected.Zip(actual, (wanted, found) => ((found - wanted).abs().max() / wanted.abs().max()).ToDouble()).Max();
    }

    /// <summary>The result, then the gradients of the inputs, in float32 on the CPU.</summary>
    private Tensor[] Results(Tensor[] values, ScalarType type)
    {
        Tensor[] inputs = [.. values.Select(value => value.detach().clone().requires_grad_(true))];
        var result = Run(inputs);
        if (result.requires_grad)
        {
            using var generator = new Generator(2, CPU);
            autograd.backward(result, randn(result.shape, generator: generator).to(type).to(result.dtype).to(result.device));
        }
        return [OnHost(result), .. inputs.Where(input => input.grad is not null).Select(input => OnHost(input.grad!))];
    }

    private static Tensor OnHost(Tensor x) => x.detach().cpu().to(ScalarType.Float32);
}
