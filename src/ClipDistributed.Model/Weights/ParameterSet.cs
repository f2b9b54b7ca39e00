using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Weights;

/// <summary>
/// The parameters of a model as views of one flat float32 vector, so that gradients, moments and checkpoints can mirror
/// its layout and the optimizer can walk memory from end to end.
/// </summary>
public sealed class ParameterSet : IDisposable
{
    // 16 floats are one AVX-512 register and one cache line: padded so, no kernel meets a tail, whose rounding differs.
    private const long Alignment = 16;

    private readonly Dictionary<string, Tensor> views = [];

    /// <param name="batchNorms">Of the model, if it has any.</param>
    public ParameterSet(IReadOnlyList<ParameterShape> shapes, Device device, IReadOnlyList<BatchNormShape>? batchNorms = null)
    {
        Statistics = batchNorms is { Count: > 0 } ? new BatchStatistics(batchNorms, device) : null;
        long offset = 0;
        var places = new Dictionary<ParameterShape, ParameterSlot>(shapes.Count);
        foreach (var shape in shapes.OrderBy(shape => shape.Stage)) // stable: within a stage the fixed order
        {
            places[shape] = new ParameterSlot(shape, offset, (shape.Count + Alignment - 1) / Alignment * Alignment);
            offset += places[shape].Padded;
        }
        Slots = [.. shapes.Select(shape => places[shape])];
        Flat = zeros([offset], ScalarType.Float32, device).DetachFromDisposeScope();
        foreach (var slot in Slots)
        {
            using var scope = NewDisposeScope();
            views[slot.Shape.Name] = slot.View(Flat).detach().requires_grad_(true).DetachFromDisposeScope();
        }
    }

    /// <summary>The parameters in their fixed order; in the flat vector they lie in the order of their stages.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>All values, [sum of padded counts], in the order of backward; what lies between parameters stays zero.</summary>
    public Tensor Flat { get; }

    /// <summary>Running statistics, kept with the parameters but not trained; null where the model has none.</summary>
    public BatchStatistics? Statistics { get; }

    public Device Device => Flat.device;

    /// <summary>The number of parameters of the model, padding not counted.</summary>
    public long Count => Slots.Sum(slot => slot.Shape.Count);

    /// <summary>The parameter of this OpenCLIP name: a leaf that requires a gradient.</summary>
    public Tensor this[string name] => views[name];

    /// <summary>Draws fresh weights on the CPU in the fixed order, so that they depend on the seed alone.</summary>
    public void Initialize(ulong seed)
    {
        using var gradients = no_grad();
        using var generator = new Generator(seed, CPU);
        Statistics?.Reset();
        foreach (var slot in Slots)
        {
            using var scope = NewDisposeScope();
            var initial = slot.Shape.Initial;
            if (initial.Deviation == 0)
                slot.View(Flat).fill_(initial.Constant);
            else
                slot.View(Flat).copy_(randn(slot.Shape.Shape, ScalarType.Float32, CPU, generator: generator).mul_(initial.Deviation));
        }
    }

    public void Dispose()
    {
        foreach (var view in views.Values)
            view.Dispose();
        Flat.Dispose();
        Statistics?.Dispose();
    }
}

/// <summary>Where one parameter lies in a flat vector; gradients and moments use the same places.</summary>
/// <param name="Offset">Its first element.</param>
/// <param name="Padded">Elements up to the next parameter.</param>
public sealed record ParameterSlot(ParameterShape Shape, long Offset, long Padded)
{
    /// <summary>A view in the parameter's shape.</summary>
    public Tensor View(Tensor flat) => flat.narrow(0, Offset, Shape.Count).view(Shape.Shape);

    /// <summary>A view of all its elements and the padding after them, one-dimensional.</summary>
    public Tensor FlatView(Tensor flat) => flat.narrow(0, Offset, Padded);
}
