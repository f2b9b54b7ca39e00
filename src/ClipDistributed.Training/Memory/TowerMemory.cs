using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Weights;

namespace ClipDistributed.Training.Memory;

/// <summary>
/// What one row costs on its way through a tower, in numbers (4 bytes each in float32), layer by layer: what autograd keeps
/// from the forward pass until backward has passed, and what a layer needs only while it is computed.
/// </summary>
/// <param name="Kept">Numbers that a graph keeps until backward begins.</param>
/// <param name="Peak">The most that exist at once while forward and backward pass, what is kept included.</param>
/// <param name="WithoutGraph">The most that exist at once where no graph is kept.</param>
public sealed record TowerMemory(long Kept, long Peak, long WithoutGraph)
{
    /// <summary>Of one image.</summary>
    public static TowerMemory OfImage(ModelConfig model) => model.VisionCfg.IsResNet ? OfLayers(ResNet(model)) : OfLayers(VisionTransformer(model));

    /// <summary>Of one text of full length; shorter ones are cut and take less.</summary>
    public static TowerMemory OfText(ModelConfig model)
    {
        var tower = model.TextCfg;
        long tokens = tower.ContextLength;
        return OfLayers([new Layer(0, 2 * tokens * tower.Width), // ids, embeddings, and their sum with the positions, which the first block keeps
            .. Blocks(tower.Layers, tokens, tower.Width, (long)(tower.Width * tower.MlpRatio), tower.Heads, model.QuickGelu, tower.LsInitValue is not null, lastReadsOneToken: true)]);
    }

    /// <summary>While a layer is computed, what the layers before it keep is there, and backward frees it in the opposite order.</summary>
    private static TowerMemory OfLayers(IEnumerable<Layer> layers)
    {
        long kept = 0, peak = 0, passing = 0;
        foreach (var layer in layers)
        {
            kept += layer.Kept;
            peak = Math.Max(peak, kept + layer.Passing);
            passing = Math.Max(passing, layer.Kept + layer.Passing);
        }
        return new TowerMemory(kept, peak, passing);
    }

    private static IEnumerable<Layer> VisionTransformer(ModelConfig model)
    {
        var tower = model.VisionCfg;
        long pixels = 3L * tower.ImageSize * tower.ImageSize, tokens = tower.Patches + 1, width = tower.Width;
        // The patches, for the gradient of their projection, and the input of the norm before the blocks; pixels and the joined tokens pass.
        yield return new Layer(pixels + (tower.NoLnPre ? 0 : tokens * width), pixels + 2 * tokens * width);
        foreach (var block in Blocks(tower.Layers.Total, tokens, width, (long)(width * tower.MlpRatio), tower.Heads, model.QuickGelu, tower.LsInitValue is not null, lastReadsOneToken: !tower.PoolsMean))
            yield return block;
    }

    private static IEnumerable<Layer> Blocks(int layers, long tokens, long width, long inner, int heads, bool quickGelu, bool gains, bool lastReadsOneToken)
    {
        // Kept: input, first norm, queries keys values (3), attended, its sum with the input, second norm; the MLP's inner layer
        // before and after its activation (x·σ(1.702x) keeps the sigmoid too); the branches where they are multiplied by gains.
        long ofToken = 8 * width + 2 * inner + (quickGelu ? inner : 0) + (gains ? 2 * width : 0) + heads + 4;
        // Passing: in forward the two branches' results; in backward the gradients of the output, of the inner layer twice, and of what it came from.
        long passing = tokens * (3 * width + 2 * inner);
        for (int i = 0; i < (lastReadsOneToken ? layers - 1 : layers); i++)
            yield return new Layer(tokens * ofToken, passing);
        if (lastReadsOneToken) // input, norm, keys and values of all tokens; all else of one
            yield return new Layer(4 * tokens * width + ofToken, 4 * tokens * width);
    }

    private static IEnumerable<Layer> ResNet(ModelConfig model)
    {
        var tower = model.VisionCfg;
        long pixels = 3L * tower.ImageSize * tower.ImageSize, side = tower.ImageSize / 2, map = side * side;
        // Each convolution's output is kept for the norm behind it, the norm's after its ReLU for the convolution behind that.
        long widest = tower.Width * map;
        yield return new Layer(pixels + 2 * tower.Width / 2 * map, 2 * widest);
        yield return new Layer(2 * tower.Width / 2 * map, 2 * widest);
        yield return new Layer(2 * widest + widest / 4, 3 * widest);
        side /= 2;
        foreach (var block in ResNetBlock.Of(tower))
        {
            long before = side * side, after = before / (block.Stride * block.Stride);
            side /= block.Stride;
            long output = block.Out * after;
            long kept = 4 * block.Planes * before + 2 * output // the first two convolutions and the last, with their norms
                + (block.Stride > 1 ? block.Planes * after : 0)
                + (block.HasDownsample ? output + (block.Stride > 1 ? block.In * after : 0) : 0);
            // Gradients of the output, of the norm before it, of the input; and the convolution's copies in its own layout.
            yield return new Layer(kept, 3 * Math.Max(output, block.In * before));
        }
        long places = tower.Patches + 1, width = tower.FeatureWidth;
        yield return new Layer((3 * places + 4) * width, 2 * places * width); // tokens, keys, values
    }

    private readonly record struct Layer(long Kept, long Passing);
}
