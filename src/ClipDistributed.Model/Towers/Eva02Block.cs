using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// EVA-02's block (arXiv 2303.11331, section 2; timm eva.py, EvaBlock): keys without bias, rotated queries and keys, SwiGLU
/// (arXiv 2002.05202), and a norm before the last matrix of either branch.
/// </summary>
internal sealed class Eva02Block
{
    private readonly int width, inner, heads;
    private readonly LayerNorm norm1, attentionNorm, norm2, innerNorm;
    private readonly Linear query, key, value, output, gate, up, down;
    private readonly long keptOfToken, float32OfToken, productsOfToken;

    /// <param name="index">From 0; timm draws deeper blocks' last matrices smaller.</param>
    public Eva02Block(TowerScope scope, TimmTransformerForm form, int index)
    {
        (width, inner, heads) = (form.Width, form.Inner, form.Heads);
        Initial draws = Initial.Normal(TimmStem.Deviation), residual = Initial.Normal(TimmStem.Deviation / Math.Sqrt(2.0 * (index + 1)));
        norm1 = scope.Norm("norm1", width, TimmStem.NormEpsilon);
        query = scope.Linear("attn.q_proj.", width, width, draws, Initial.Zero);
        key = scope.Linear("attn.k_proj.", width, width, draws, null);
        value = scope.Linear("attn.v_proj.", width, width, draws, Initial.Zero);
        scope.Keeps(width + heads); // queries, keys and values beside the two inputs counted twice above; the sums of their softmax
        attentionNorm = scope.Norm("attn.norm", width, TimmStem.NormEpsilon);
        output = scope.Linear("attn.proj.", width, width, residual, Initial.Zero);
        norm2 = scope.Norm("norm2", width, TimmStem.NormEpsilon);
        gate = scope.Linear("mlp.fc1_g.", width, inner, draws, Initial.Zero);
        up = scope.Linear("mlp.fc1_x.", width, inner, draws, Initial.Zero);
        scope.Keeps(3 * inner - width); // the gate before and after its activation, and what it multiplies; both matrices have one input
        innerNorm = scope.Norm("mlp.norm", inner, TimmStem.NormEpsilon);
        down = scope.Linear("mlp.fc2.", inner, width, residual, Initial.Zero);
        (keptOfToken, float32OfToken, productsOfToken) = (scope.KeptOfToken, scope.Float32OfToken, scope.ProductsOfToken);
    }

    /// <summary>Its layers, and each token's query with all keys and weights with all values.</summary>
    public long Products(long tokens) => tokens * productsOfToken + 2 * tokens * tokens * width;

    /// <summary>Where only the first token is computed: keys and values of all tokens, all else of one.</summary>
    public long ProductsOfFirst(long tokens)
    {
        long keysValues = key.Weight.Count + value.Weight.Count;
        return tokens * keysValues + productsOfToken - keysValues + 2 * tokens * width;
    }

    /// <summary>
    /// Passing: the rotated copies; in backward the gradients of the inner norm's output and input, of both factors, of the gate.
    /// </summary>
    public LayerMemory Memory(long tokens) =>
        new(tokens * keptOfToken, tokens * (6 * width + 6 * inner), tokens * float32OfToken);

    /// <summary>Where only the first token is computed: input, norm, keys and values of all tokens; all else of one.</summary>
    public LayerMemory MemoryOfFirst(long tokens) =>
        new(4 * tokens * width + keptOfToken, 5 * tokens * width, tokens * width + float32OfToken);

    /// <param name="x">[b, t, w].</param>
    /// <param name="onlyFirst">Only the first token of each row is read: its keys and values need all tokens, all else it alone.</param>
    /// <returns>[b, t, w], or [b, 1, w].</returns>
    public Tensor Forward(TowerPass pass, Tensor x, RotaryAngles angles, bool onlyFirst)
    {
        using var scope = NewDisposeScope();
        var normed = norm1.Run(pass, x);
        // The class token is first and has no place on the grid: it is not rotated.
        var queries = onlyFirst ? Heads(query.Run(pass, normed.narrow(1, 0, 1))) : angles.Rotate(Heads(query.Run(pass, normed)));
        var attended = scaled_dot_product_attention(queries, angles.Rotate(Heads(key.Run(pass, normed))), Heads(value.Run(pass, normed)));
        var joined = attended.transpose(1, 2).reshape(x.shape[0], -1, width);
        var afterAttention = (onlyFirst ? x.narrow(1, 0, 1) : x) + output.Run(pass, attentionNorm.Run(pass, joined));
        var mlpInput = norm2.Run(pass, afterAttention);
        var gated = silu(gate.Run(pass, mlpInput)) * up.Run(pass, mlpInput);
        return (afterAttention + down.Run(pass, innerNorm.Run(pass, gated))).MoveToOuterDisposeScope();
    }

    /// <returns>[b, heads, t, w/heads].</returns>
    private Tensor Heads(Tensor tokens) => tokens.view(tokens.shape[0], -1, heads, width / heads).transpose(1, 2);
}
