using ClipDistributed.Model.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// A stack of <see cref="TransformerBlock"/>. Where a feature is read at one token of each row, the last block computes that token
/// only: same value, same gradients, most of one block's work saved.
/// </summary>
internal sealed class Transformer
{
    private readonly TowerStages stages;
    private readonly TransformerBlock[] blocks;

    /// <param name="name">Of the list of blocks, its last dot included; their numbers follow.</param>
    public Transformer(TowerScope scope, string name, TowerStages stages, BlockForm form)
    {
        this.stages = stages;
        blocks = [.. Enumerable.Range(0, stages.Blocks).Select(i => new TransformerBlock(scope.At(stages.Block(i), $"{name}{i}."), form))];
    }

    /// <param name="readsOneToken">Whether the last block computes one token of each row.</param>
    public IEnumerable<LayerMemory> Memory(long tokens, bool readsOneToken) =>
        blocks.Select((block, i) => readsOneToken && i == blocks.Length - 1 ? block.MemoryOfOneToken(tokens) : block.Memory(tokens));

    /// <inheritdoc cref="Memory"/>
    public long Products(long tokens, bool readsOneToken) => blocks.Select((block, i) =>
        readsOneToken && i == blocks.Length - 1 ? block.ProductsOfOneToken(tokens) : block.Products(tokens)).Sum();

    /// <param name="x">[b, t, w].</param>
    /// <param name="position">The token to read in each row, [b] of int64.</param>
    /// <returns>That token after the last block, [b, w].</returns>
    public Tensor Forward(TowerPass pass, Tensor x, Tensor position)
    {
        int last = blocks.Length - 1;
        return blocks[last].Forward(pass, pass.Mark(Forward(pass, x, last), stages.Block(last)), position);
    }

    /// <returns>All tokens after the last block, [b, t, w].</returns>
    public Tensor Forward(TowerPass pass, Tensor x) => Forward(pass, x, blocks.Length);

    private Tensor Forward(TowerPass pass, Tensor x, int count)
    {
        for (int i = 0; i < count; i++)
            x = blocks[i].Forward(pass, pass.Mark(x, stages.Block(i)));
        return x;
    }
}
