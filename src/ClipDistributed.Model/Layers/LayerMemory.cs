namespace ClipDistributed.Model.Layers;

/// <summary>What one row costs on its way through a layer, in numbers (4 bytes each in float32).</summary>
/// <param name="Kept">What autograd keeps from the forward pass until backward has passed.</param>
/// <param name="Passing">What exists only while the layer is computed.</param>
/// <param name="Float32">Of what is kept, the numbers that stay float32 in a tower of bfloat16; there they take the room of two.</param>
public readonly record struct LayerMemory(long Kept, long Passing, long Float32 = 0);
