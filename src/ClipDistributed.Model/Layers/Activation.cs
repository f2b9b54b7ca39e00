using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Layers;

/// <summary>The MLP's non-linearity.</summary>
/// <param name="Kept">How many numbers autograd keeps of each number of its input.</param>
internal sealed record Activation(Func<Tensor, Tensor> Run, int Kept)
{
    /// <summary>x·Φ(x), exact (arXiv 1606.08415).</summary>
    public static Activation Gelu { get; } = new(x => gelu(x), 1);

    /// <summary>x·(1 + tanh(√(2/π)·(x + 0.044715x³)))/2, arXiv 1606.08415, section 2.</summary>
    public static Activation TanhGelu { get; } = new(x => gelu(x, GELU.Approximate.tanh), 1);

    /// <summary>x·σ(1.702x), arXiv 1606.08415, section 2; keeps the sigmoid too.</summary>
    public static Activation QuickGelu { get; } = new(x => x * (x * 1.702).sigmoid(), 2);

    public static Activation Of(bool quickGelu) => quickGelu ? QuickGelu : Gelu;
}
