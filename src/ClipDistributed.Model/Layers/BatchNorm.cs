using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Layers;

/// <summary>Batch normalisation of each channel (arXiv 1502.03167), by a pass's statistics; gain and bias stay float32.</summary>
internal sealed record BatchNorm(BatchNormShape Shape, ParameterShape Gain, ParameterShape Bias)
{
    private const double Epsilon = 1e-5;

    public Tensor Run(TowerPass pass, BatchNormPass norms, Tensor x)
    {
        var (mean, variance) = norms.Of(Shape.Name);
        return batch_norm(x, mean, variance, pass.Stored(Gain), pass.Stored(Bias), norms.ByBatch, momentum: 1, Epsilon);
    }
}
