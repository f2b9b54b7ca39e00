using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// The causal text transformer of CLIP; a text's feature is read at its end-of-text token (arXiv 2103.00020, section 2.4).
/// </summary>
public sealed class TextTower
{
    private readonly Layers weights;
    private readonly Transformer transformer;

    internal TextTower(ModelConfig model, Layers weights)
    {
        this.weights = weights;
        transformer = new Transformer("transformer", model.TextCfg.Layers, model.TextCfg.Heads, causal: true, Layers.Activation(model.QuickGelu), model.TextCfg.LsInitValue is not null, weights, new BackwardStages(model).TextBlock);
    }

    /// <param name="completed">Is told each <see cref="BackwardStages"/> of this tower that backward completes, but its last.</param>
    /// <returns>Features before normalisation, [b, D].</returns>
    public Tensor Forward(TextInput texts, Action<int>? completed = null)
    {
        using var scope = NewDisposeScope();
        long length = texts.Tokens.shape[1];
        var positions = weights.Cast("positional_embedding").narrow(0, 0, length);
        var x = Embed(texts.Tokens) + positions; // [b, t, w]
        var end = transformer.Forward(x, texts.EndOfText, completed); // [b, w]
        return weights.Norm("ln_final", end).matmul(weights.Cast("text_projection")).MoveToOuterDisposeScope(); // [b, D]
    }

    /// <summary>Rows of the embedding table, [b, t, w].</summary>
    private Tensor Embed(Tensor tokens) =>
        weights.Cast(
            weights.Parameter("token_embedding.weight").index_select(0, tokens.flatten()).view(tokens.shape[0], tokens.shape[1], -1));
}
