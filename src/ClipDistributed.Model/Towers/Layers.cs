using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>The few layers that towers are made of, on named parameters; casts to the compute type sit inside the graph.</summary>
internal sealed class Layers(ParameterSet parameters, ScalarType computeType)
{
    private const double NormEpsilon = 1e-5;

    public Device Device => parameters.Device;

    /// <summary>Of the model's batch norms.</summary>
    public BatchStatistics Statistics => parameters.Statistics ?? throw new InvalidOperationException("This model has no batch norm.");

    /// <summary>The parameter in the compute type.</summary>
    public Tensor Cast(string name) => Cast(parameters[name]);

    /// <summary>The parameter as it is stored, float32.</summary>
    public Tensor Parameter(string name) => parameters[name];

    public Tensor Cast(Tensor x) => x.dtype == computeType ? x : x.to(computeType);

    /// <summary>x·Wᵀ + b, W [out, in].</summary>
    public Tensor Linear(string weight, string bias, Tensor x) => linear(x, Cast(weight), Cast(bias));

    /// <summary>Layer normalisation over the last axis (arXiv 1607.06450).</summary>
    public Tensor Norm(string name, Tensor x) =>
        layer_norm(x, [x.shape[^1]], Cast($"{name}.weight"), Cast($"{name}.bias"), NormEpsilon);

    /// <summary>Batch normalisation of each channel (arXiv 1502.03167), by this pass's statistics; gain and bias stay float32.</summary>
    public Tensor Norm(BatchNormPass pass, string name, Tensor x)
    {
        var (mean, variance) = pass.Of(name);
        return batch_norm(
            x, mean, variance, Parameter($"{name}.weight"), Parameter($"{name}.bias"), pass.ByBatch, momentum: 1, NormEpsilon);
    }

    /// <summary>A convolution without bias, on square maps.</summary>
    public Tensor Convolve(string name, Tensor x, long padding = 0, long stride = 1) =>
        Convolution.Run(x, Cast($"{name}.weight"), padding, stride);

    public static Activation Activation(bool quickGelu) => quickGelu ? QuickGelu : x => gelu(x);

    /// <summary>x·σ(1.702x), arXiv 1606.08415, section 2.</summary>
    private static Tensor QuickGelu(Tensor x) => x * (x * 1.702).sigmoid();
}
