using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>A pre-LN residual attention block (arXiv 1706.03762; OpenCLIP transformer.py, ResidualAttentionBlock).</summary>
internal sealed class TransformerBlock
{
    private readonly BlockForm form;
    private readonly LayerNorm norm1, norm2;
    private readonly Linear attention, output, inner, last;
    private readonly ParameterShape? gain1, gain2;
    private readonly long keptOfToken, float32OfToken, productsOfToken;

    public TransformerBlock(TowerScope scope, BlockForm form)
    {
        this.form = form;
        var (names, initials, width) = (form.Names, form.Initials, form.Width);
        norm1 = scope.Norm(names.Norm1, width, form.NormEpsilon);
        attention = scope.Linear(names.Attention, width, 3 * width, Initial.Normal(initials.Attention), Initial.Zero);
        scope.Keeps(3 * width + form.Heads); // queries, keys and values, and the sums of their softmax
        output = scope.Linear(names.Output, width, width, Initial.Normal(initials.Residual), Initial.Zero);
        norm2 = scope.Norm(names.Norm2, width, form.NormEpsilon);
        inner = scope.Linear(names.Inner, width, form.Inner, Initial.Normal(initials.Inner), Initial.Zero);
        scope.Keeps(form.Activation.Kept * form.Inner);
        last = scope.Linear(names.Last, form.Inner, width, Initial.Normal(initials.Residual), Initial.Zero);
        if (form.Gain is { } start)
        {
            gain1 = scope.Parameter("ls_1.gamma", [width], Initial.Value(start));
            gain2 = scope.Parameter("ls_2.gamma", [width], Initial.Value(start));
            scope.Keeps(2 * width); // the branches that they multiply
        }
        (keptOfToken, float32OfToken, productsOfToken) = (scope.KeptOfToken, scope.Float32OfToken, scope.ProductsOfToken);
    }

    /// <summary>Of a block that computes all tokens: its layers; each query with all keys, each weight with all values.</summary>
    public long Products(long tokens) => tokens * productsOfToken + 2 * tokens * tokens * form.Width;

    /// <summary>Of a block that computes one token of each row: keys and values of all tokens, all else of one.</summary>
    public long ProductsOfOneToken(long tokens)
    {
        long width = form.Width, keysValues = 2 * width * width;
        return tokens * keysValues + productsOfToken - keysValues + 2 * tokens * width;
    }

    /// <summary>Of a block that computes all tokens.</summary>
    public LayerMemory Memory(long tokens) =>
        // Passing: in forward the two branches' results; in backward the gradients of the output, of the inner layer twice, and of
        // what it came from.
        new(tokens * keptOfToken, tokens * (3 * form.Width + 2 * form.Inner), tokens * float32OfToken);

    /// <summary>Of a block that computes one token of each row: input, norm, keys and values of all tokens; all else of one.</summary>
    public LayerMemory MemoryOfOneToken(long tokens) =>
        new(4 * tokens * form.Width + keptOfToken, 4 * tokens * form.Width, tokens * form.Width + float32OfToken);

    /// <param name="x">[b, t, w].</param>
    /// <returns>[b, t, w].</returns>
    public Tensor Forward(TowerPass pass, Tensor x)
    {
        using var scope = NewDisposeScope();
        long b = x.shape[0], t = x.shape[1], w = x.shape[2];
        var qkv = attention.Run(pass, norm1.Run(pass, x));
        var parts = qkv.view(b, t, 3, form.Heads, w / form.Heads).permute(2, 0, 3, 1, 4).unbind(0); // each [b, heads, t, w/heads]
        var attended = scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: form.Causal);
        var joined = attended.transpose(1, 2).reshape(b, t, w);
        var afterAttention = x + Gained(pass, gain1, output.Run(pass, joined));
        return (afterAttention + Mlp(pass, afterAttention)).MoveToOuterDisposeScope();
    }

    /// <summary>One token of each row: its keys and values need all tokens, its query, output projection and MLP do not.</summary>
    /// <param name="position">The token of each row, [b] of int64.</param>
    /// <returns>[b, w].</returns>
    public Tensor Forward(TowerPass pass, Tensor x, Tensor position)
    {
        using var scope = NewDisposeScope();
        long b = x.shape[0], t = x.shape[1], w = x.shape[2];
        var normed = norm1.Run(pass, x);
        var ranges = attention.Ranges(pass);
        var query = ranges.Run(Pick(normed, position), 0, w).view(b, form.Heads, 1, w / form.Heads);
        var keysValues = ranges.Run(normed, w, 2 * w)
            .view(b, t, 2, form.Heads, w / form.Heads).permute(2, 0, 3, 1, 4).unbind(0); // each [b, heads, t, w/heads]
        // Causal: the token at p sees the keys 0..p.
        var mask = form.Causal ? (arange(t, ScalarType.Int64, x.device).unsqueeze(0) <= position.unsqueeze(1)).view(b, 1, 1, t) : null;
        var attended = scaled_dot_product_attention(query, keysValues[0], keysValues[1], mask).reshape(b, w);
        var afterAttention = Pick(x, position) + Gained(pass, gain1, output.Run(pass, attended));
        return (afterAttention + Mlp(pass, afterAttention)).MoveToOuterDisposeScope();
    }

    private Tensor Mlp(TowerPass pass, Tensor x) =>
        Gained(pass, gain2, last.Run(pass, form.Activation.Run(inner.Run(pass, norm2.Run(pass, x)))));

    private static Tensor Gained(TowerPass pass, ParameterShape? gain, Tensor branch) => gain is null ? branch : branch * pass.Cast(gain);

    /// <summary>x[i, position[i]], [b, w].</summary>
    private static Tensor Pick(Tensor x, Tensor position) =>
        x.gather(1, position.view(-1, 1, 1).expand(-1, 1, x.shape[2])).squeeze(1);
}
