namespace ClipDistributed.Model.Layers;

/// <summary>What one row costs on its way through a layer, in numbers (4 bytes each in float32).</summary>
/// <param name="Kept">What autograd keeps from the forward pass until backward has passed.</param>
/// <param name="Passing">What exists only while the layer is computed.</param>
public readonly record struct LayerMemory(long Kept, long Passing);
