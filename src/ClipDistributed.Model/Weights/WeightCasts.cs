using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Weights;

/// <summary>
/// Parameters in the compute type for several passes between which they do not change, as those of a step's micro-batches: each is
/// cast when the first pass takes it. Backward may pass a cast any number of times, for its node keeps nothing.
/// </summary>
public sealed class WeightCasts : IDisposable
{
    private readonly ParameterSet parameters;
    private readonly ScalarType computeType;
    private readonly Dictionary<string, Tensor> casts = [];

    internal WeightCasts(ParameterSet parameters, ScalarType computeType) =>
        (this.parameters, this.computeType) = (parameters, computeType);

    internal Tensor Of(ParameterShape parameter)
    {
        if (casts.TryGetValue(parameter.Name, out var cast))
            return cast;
        using var graph = enable_grad(); // the first passes may have none, those after them need it
        return casts[parameter.Name] = parameters[parameter.Name].to(computeType).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var cast in casts.Values)
            cast.Dispose();
        casts.Clear();
    }
}
