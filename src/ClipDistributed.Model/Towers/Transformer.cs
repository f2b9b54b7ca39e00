using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// A stack of pre-LN residual attention blocks (arXiv 1706.03762; OpenCLIP transformer.py, ResidualAttentionBlock).
/// A feature is read at one token of each row, so the last block computes that token only: its keys and values need all
/// tokens, its query, output projection and MLP do not. Same value, same gradients, most of one block's work saved.
/// </summary>
/// <param name="gains">Whether each residual branch has a learnt gain for each channel (arXiv 2103.17239).</param>
internal sealed class Transformer(
    string prefix, int layers, int heads, bool causal, Activation activation, bool gains, Layers weights, Func<int, int> stageOf)
{
    /// <param name="x">[b, t, w].</param>
    /// <param name="position">The token to read in each row, [b] of int64.</param>
    /// <param name="completed">Is told the stage of each block whose gradients backward has completed.</param>
    /// <returns>That token after the last block, [b, w].</returns>
    public Tensor Forward(Tensor x, Tensor position, Action<int>? completed)
    {
        for (int i = 0; i < layers - 1; i++)
            x = Block($"{prefix}.resblocks.{i}", Marked(x, i, completed));
        return LastBlock($"{prefix}.resblocks.{layers - 1}", Marked(x, layers - 1, completed), position);
    }

    /// <returns>All tokens after the last block, [b, t, w].</returns>
    public Tensor ForwardAll(Tensor x, Action<int>? completed)
    {
        for (int i = 0; i < layers; i++)
            x = Block($"{prefix}.resblocks.{i}", Marked(x, i, completed));
        return x;
    }

    private Tensor Marked(Tensor input, int block, Action<int>? completed) =>
        BackwardMark.Set(input, completed is null ? null : () => completed(stageOf(block)));

    private Tensor Block(string name, Tensor x)
    {
        using var scope = NewDisposeScope();
        long b = x.shape[0], t = x.shape[1], w = x.shape[2];
        var qkv = weights.Linear($"{name}.attn.in_proj_weight", $"{name}.attn.in_proj_bias", weights.Norm($"{name}.ln_1", x));
        var parts = qkv.view(b, t, 3, heads, w / heads).permute(2, 0, 3, 1, 4).unbind(0); // each [b, heads, t, w/heads]
        var attended = scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: causal);
        var joined = attended.transpose(1, 2).reshape(b, t, w);
        var afterAttention = x + Gain(
            $"{name}.ls_1.gamma", weights.Linear($"{name}.attn.out_proj.weight", $"{name}.attn.out_proj.bias", joined));
        return (afterAttention + Mlp(name, afterAttention)).MoveToOuterDisposeScope();
    }

    private Tensor LastBlock(string name, Tensor x, Tensor position)
    {
        using var scope = NewDisposeScope();
        long b = x.shape[0], t = x.shape[1], w = x.shape[2];
        var normed = weights.Norm($"{name}.ln_1", x);
        var (weight, bias) = (weights.Cast($"{name}.attn.in_proj_weight"), weights.Cast($"{name}.attn.in_proj_bias"));
        var query = linear(Pick(normed, position), weight.narrow(0, 0, w), bias.narrow(0, 0, w)).view(b, heads, 1, w / heads);
        var keysValues = linear(normed, weight.narrow(0, w, 2 * w), bias.narrow(0, w, 2 * w))
            .view(b, t, 2, heads, w / heads).permute(2, 0, 3, 1, 4).unbind(0); // each [b, heads, t, w/heads]
        // Causal: the token at p sees the keys 0..p.
        var mask = causal ? (arange(t, ScalarType.Int64, x.device).unsqueeze(0) <= position.unsqueeze(1)).view(b, 1, 1, t) : null;
        var attended = scaled_dot_product_attention(query, keysValues[0], keysValues[1], mask).reshape(b, w);
        var afterAttention = Pick(x, position) + Gain(
            $"{name}.ls_1.gamma", weights.Linear($"{name}.attn.out_proj.weight", $"{name}.attn.out_proj.bias", attended));
        return (afterAttention + Mlp(name, afterAttention)).MoveToOuterDisposeScope();
    }

    private Tensor Mlp(string name, Tensor x)
    {
        var inner = weights.Linear($"{name}.mlp.c_fc.weight", $"{name}.mlp.c_fc.bias", weights.Norm($"{name}.ln_2", x));
        return Gain($"{name}.ls_2.gamma", weights.Linear($"{name}.mlp.c_proj.weight", $"{name}.mlp.c_proj.bias", activation(inner)));
    }

    private Tensor Gain(string name, Tensor branch) => gains ? branch * weights.Cast(name) : branch;

    /// <summary>x[i, position[i]], [b, w].</summary>
    private static Tensor Pick(Tensor x, Tensor position) =>
        x.gather(1, position.view(-1, 1, 1).expand(-1, 1, x.shape[2])).squeeze(1);
}

/// <summary>The MLP's non-linearity.</summary>
internal delegate Tensor Activation(Tensor x);
