using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// Multi-head attention pooling (arXiv 2106.04560, appendix; timm attention_pool.py, AttentionPoolLatent): one learnt query attends to
/// all tokens, and an MLP with a residual follows.
/// </summary>
internal sealed class LatentPool
{
    private readonly BlockForm form;
    private readonly ParameterShape latent;
    private readonly Linear query, keysValues, output, inner, last;
    private readonly LayerNorm norm;

    public LatentPool(TowerScope scope, BlockForm form)
    {
        this.form = form;
        int width = form.Width;
        var draws = Initial.Normal(form.Initials.Attention);
        latent = scope.Parameter("latent", [1, 1, width], Initial.Normal(1 / Math.Sqrt(width)));
        query = scope.Linear("q.", width, width, draws, Initial.Zero);
        keysValues = scope.Linear("kv.", width, 2 * width, draws, Initial.Zero);
        output = scope.Linear("proj.", width, width, draws, Initial.Zero);
        norm = scope.Norm("norm", width, form.NormEpsilon);
        inner = scope.Linear("mlp.fc1.", width, form.Inner, draws, Initial.Zero);
        last = scope.Linear("mlp.fc2.", form.Inner, width, draws, Initial.Zero);
    }

    /// <summary>The tokens before and after their norm, keys and values of all tokens; all else of one.</summary>
    public LayerMemory Memory(long tokens) =>
        new((4 * tokens + 6) * form.Width + (1 + form.Activation.Kept) * form.Inner, 4 * tokens * form.Width, tokens * form.Width);

    /// <summary>Keys and values of all tokens, all else of one; the query is the same for all rows.</summary>
    public long Products(long tokens) =>
        tokens * keysValues.Weight.Count + output.Weight.Count + inner.Weight.Count + last.Weight.Count + 2 * tokens * form.Width;

    /// <param name="tokens">[b, t, w].</param>
    /// <returns>[b, w].</returns>
    public Tensor Forward(TowerPass pass, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        long b = tokens.shape[0], t = tokens.shape[1], w = tokens.shape[2];
        var latents = query.Run(pass, pass.Cast(latent)).view(1, 1, form.Heads, w / form.Heads).transpose(1, 2)
            .expand(b, form.Heads, 1, w / form.Heads);
        var parts = keysValues.Run(pass, tokens).view(b, t, 2, form.Heads, w / form.Heads).permute(2, 0, 3, 1, 4).unbind(0);
        var pooled = output.Run(pass, scaled_dot_product_attention(latents, parts[0], parts[1]).reshape(b, w));
        var branch = last.Run(pass, form.Activation.Run(inner.Run(pass, norm.Run(pass, pooled))));
        return (pooled + branch).MoveToOuterDisposeScope();
    }
}
