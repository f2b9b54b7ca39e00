using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Model.Weights;

/// <summary>One bottleneck block of a ResNet.</summary>
/// <param name="Index">From 0 over all four layers.</param>
/// <param name="Name">OpenCLIP's, as in <c>visual.layer2.0</c>.</param>
/// <param name="In">Channels that enter.</param>
/// <param name="Planes">Channels inside; four times as many leave.</param>
/// <param name="Stride">2: an average pool halves the sides.</param>
public sealed record ResNetBlock(int Index, string Name, int In, int Planes, int Stride)
{
    public int Out => 4 * Planes;

    /// <summary>Whether the residual path has to change its shape.</summary>
    public bool HasDownsample => Stride > 1 || In != Out;

    public static IReadOnlyList<ResNetBlock> Of(VisionConfig tower)
    {
        var blocks = new List<ResNetBlock>();
        int channels = tower.Width;
        for (int layer = 0; layer < tower.Layers.Groups.Count; layer++)
        {
            int planes = tower.Width << layer;
            for (int i = 0; i < tower.Layers.Groups[layer]; i++)
            {
                blocks.Add(new ResNetBlock(blocks.Count, $"visual.layer{layer + 1}.{i}", channels, planes, i == 0 && layer > 0 ? 2 : 1));
                channels = 4 * planes;
            }
        }
        return blocks;
    }
}
