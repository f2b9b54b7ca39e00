using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>
/// The sigmoid loss of SigLIP (arXiv 2303.15343, equation 1): every image with every text is a yes-or-no question, so one
/// pass over the tiles is enough and nothing is exchanged.
/// </summary>
/// <remarks>
/// With x = s·I·Tᵀ + β and z = +1 for pairs, −1 for all others: loss = Σ softplus(−z·x) / N,
/// G = −z·σ(−z·x)/N, dI = s·G·T, dT = s·Gᵀ·I, d logit_scale = Σ I·dI, dβ = ΣG over the own images' rows.
/// </remarks>
public sealed class SigmoidLoss(int tile = TileSide.OnProcessors) : IContrastiveLoss
{
    public LossResult Run(GlobalEmbeddings embeddings, double scale, double bias)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var tiles = new LogitTiles(embeddings, scale, tile);
        using var room = tiles.Room();
        var gradient = new EmbeddingGradients(embeddings);
        var value = zeros([], ScalarType.Float64, embeddings.Images.device);
        var biasGradient = zeros([], ScalarType.Float64, embeddings.Images.device);
        foreach (var at in tiles.OfImages.Concat(tiles.OfTexts))
        {
            using var inner = NewDisposeScope();
            var x = tiles.Logits(at, room).add_(bias); // −z·x from here on: z is −1 but on the diagonal
            if (at.HoldsPairs)
                x.diagonal().neg_();
            if (!at.OfTexts)
                value.add_(nn.functional.softplus(x).sum(ScalarType.Float64));
            var g = x.sigmoid_();
            if (at.HoldsPairs)
                g.diagonal().neg_();
            if (!at.OfTexts)
                biasGradient.add_(g.sum(ScalarType.Float64));
            gradient.Add(at, g);
        }
        double n = embeddings.Count;
        var imageGradient = gradient.Images.mul_(scale / n);
        var textGradient = gradient.Texts.mul_(scale / n);
        var scaleGradient = tiles.RowProducts(LogitTiles.Rows(embeddings.Images, embeddings.Own), imageGradient).sum(ScalarType.Float64);
        double[] read = HostReads.Read(value, scaleGradient, biasGradient);
        return new LossResult(
            read[0] / n, imageGradient.MoveToOuterDisposeScope(), textGradient.MoveToOuterDisposeScope(), read[1], read[2] / n);
    }
}
