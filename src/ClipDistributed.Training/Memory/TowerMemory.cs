using ClipDistributed.Model.Layers;

namespace ClipDistributed.Training.Memory;

/// <summary>What one row costs on its way through a tower, in numbers (4 bytes each in float32).</summary>
/// <param name="Kept">Numbers that a graph keeps until backward begins.</param>
/// <param name="Peak">The most that exist at once while forward and backward pass, what is kept included.</param>
/// <param name="WithoutGraph">The most that exist at once where no graph is kept.</param>
public sealed record TowerMemory(long Kept, long Peak, long WithoutGraph)
{
    /// <summary>While a layer is computed, what the layers before it keep is there, and backward frees it in the opposite order.</summary>
    /// <param name="layers">In the order of the forward pass.</param>
    /// <param name="half">Numbers of two bytes: those that stay float32 count twice.</param>
    public static TowerMemory Of(IEnumerable<LayerMemory> layers, bool half = false)
    {
        long kept = 0, peak = 0, passing = 0;
        foreach (var layer in layers)
        {
            kept += layer.Kept + (half ? layer.Float32 : 0);
            peak = Math.Max(peak, kept + layer.Passing);
            passing = Math.Max(passing, layer.Kept + layer.Passing);
        }
        return new TowerMemory(kept, peak, passing);
    }
}
