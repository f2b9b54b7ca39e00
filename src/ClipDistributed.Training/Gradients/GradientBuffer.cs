using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Gradients;

/// <summary>
/// All gradients in one flat float32 vector that mirrors the parameters' layout. Each parameter's gradient is a view of
/// it, so backward accumulates in place and nothing is copied. It is zeroed, never dropped: the views must stay.
/// </summary>
public sealed class GradientBuffer : IDisposable
{
    private readonly ParameterSet parameters;
    private readonly Tensor[] slots;

    public GradientBuffer(ParameterSet parameters)
    {
        this.parameters = parameters;
        Flat = zeros_like(parameters.Flat).DetachFromDisposeScope();
        slots = [.. parameters.Slots.Select(slot => slot.FlatView(Flat).DetachFromDisposeScope())];
        foreach (var slot in parameters.Slots)
        {
            using var scope = NewDisposeScope();
            parameters[slot.Shape.Name].grad = slot.View(Flat);
        }
    }

    /// <summary>All gradients, in the layout of <see cref="ParameterSet.Flat"/>.</summary>
    public Tensor Flat { get; }

    public void Zero() => Flat.zero_();

    /// <summary>Adds to the gradient of one of the loss's own scalars, which the loss gives by formula.</summary>
    public void Add(Tensor scalar, double gradient)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        scalar.grad!.add_(gradient);
    }

    /// <summary>The Euclidean norm over all parameters, a float64 scalar; each parameter's is computed in float32.</summary>
    public Tensor Norm()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return stack(TensorOperators.Norms(slots)).to(ScalarType.Float64).square().sum().sqrt().MoveToOuterDisposeScope();
    }

    /// <summary>Scales all gradients down so that their norm is at most <paramref name="limit"/>.</summary>
    /// <param name="norm">The value of <see cref="Norm"/>.</param>
    public void Clip(double norm, double limit)
    {
        double factor = limit / (norm + 1e-6); // as torch.nn.utils.clip_grad_norm_
        if (factor < 1)
            Flat.mul_(factor);
    }

    public void Dispose()
    {
        foreach (var slot in slots)
            slot.Dispose();
        Flat.Dispose();
    }
}
