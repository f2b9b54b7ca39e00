using ClipDistributed.Model;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Loss;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Steps;

/// <summary>
/// Gradient caching (arXiv 2101.06983): a share larger than the micro-batch is embedded without a graph, and each
/// micro-batch is run again with one once the gradient of its embeddings is known. The result is the one-pass step's.
/// A share of one micro-batch takes one pass, its graph kept.
/// </summary>
/// <param name="completed">
/// Is called with each stage whose gradients are complete: those of a tower while its last micro-batch is
/// on its way back.
/// </param>
public sealed class CachedTowers(ClipModel model, Action<int>? completed = null) : IDisposable
{
    private readonly BackwardListener? listener = completed is null ? null : new BackwardListener(completed);
    private Embeddings? kept;
    private WeightCasts? casts; // of a share of several micro-batches, from the first pass to the last

    /// <summary>Unit-norm embeddings of the whole share.</summary>
    public Embeddings Embed(MicroBatches share)
    {
        Clear(); // of a step that broke off
        if (share.Count == 1)
        {
            kept = new Embeddings(EmbedImages(share, 0), EmbedTexts(share, 0));
            return new Embeddings(kept.Images.detach(), kept.Texts.detach());
        }
        casts = model.ShareCasts();
        using var gradients = no_grad();
        var none = zeros([0, model.Config.EmbedDim], ScalarType.Float32, model.Parameters.Device); // a share may be empty
        var pieces = Enumerable.Range(0, share.Count);
        return new Embeddings(
            cat([none, .. pieces.Select(i => EmbedImages(share, i))]), cat([none, .. pieces.Select(i => EmbedTexts(share, i))]));
    }

    /// <summary>
    /// Adds to the parameters' gradients. Texts first: their reduction can then hide behind the image tower. What the listener to
    /// completed stages throws is thrown once backward has returned.
    /// </summary>
    public void Backward(MicroBatches share, LossResult loss)
    {
        for (int i = 0; i < share.Count; i++)
            Backward(share, i, kept?.Texts, EmbedTexts, loss.Texts);
        completed?.Invoke(model.Texts.LastStage);
        for (int i = 0; i < share.Count; i++)
            Backward(share, i, kept?.Images, EmbedImages, loss.Images);
        completed?.Invoke(model.Images.LastStage);
        Clear();
    }

    public void Dispose() => Clear();

    private void Clear()
    {
        kept = null;
        casts?.Dispose();
        casts = null;
    }

    private void Backward(MicroBatches share, int index, Tensor? kept, Func<MicroBatches, int, Tensor> embed, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (start, rows) = share.Range(index);
        try
        {
            autograd.backward(kept ?? embed(share, index), gradient.narrow(0, start, rows));
        }
        finally
        {
            listener?.End();
        }
    }

    private Tensor EmbedImages(MicroBatches share, int index)
    {
        using var scope = NewDisposeScope();
        return ClipModel.Normalize(model.Images.Forward(share.Images(index), WhenLast(share, index), casts)).MoveToOuterDisposeScope();
    }

    private Tensor EmbedTexts(MicroBatches share, int index)
    {
        using var scope = NewDisposeScope();
        var texts = share.Texts(index, model.Config.TextCfg);
        return ClipModel.Normalize(model.Texts.Forward(texts, WhenLast(share, index), casts)).MoveToOuterDisposeScope();
    }

    /// <summary>Before the last micro-batch no gradient is complete, though backward reports each stage.</summary>
    private BackwardListener? WhenLast(MicroBatches share, int index) =>
        is_grad_enabled() && index == share.Count - 1 ? listener : null;
}
