using ClipDistributed.Collectives;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>
/// The symmetric softmax loss of CLIP (arXiv 2103.00020, figure 3). Logits exist one tile at a time, never as N×N. Pass A
/// finds the sums of exponentials of the own images' rows and, summed over replicas, of all columns; pass B the gradients.
/// </summary>
/// <remarks>
/// With L = s·I·Tᵀ, P = exp(L − lse_rows) and Q = exp(L − lse_columns): loss = ½·mean(lse_rows − diag) + ½·mean(lse_columns − diag),
/// dI = s/(2N)·[(P+Q)·T − 2T], dT = s/(2N)·[(P+Q)ᵀ·I − 2I], d logit_scale = Σ I·dI. Cosines are at most 1, so the constant
/// shift max(0, s − 70) keeps exp(L − shift) finite, and P + Q = exp(L − shift)·(1/row sum + 1/column sum) costs one
/// exponential instead of two. Where a whole row is so far below the shift that its sum loses digits, the step computes in float64.
/// </remarks>
public sealed class SoftmaxLoss(ICollective group, int tile = TileSide.OnProcessors) : IContrastiveLoss
{
    // exp(70)·N is finite in float32, and so is its reciprocal, up to N = 10⁷.
    private const double MaxExponent = 70;

    // exp(−69): a sum above it has terms that float32 holds with all their digits (its smallest normal number is exp(−87)).
    private const double MinSum = 1e-30;

    // Tiles of pass A that pass B need not compute again: 64 MB of float32, and one tile at least.
    private const long MinKeptElements = 1L << 24;

    /// <param name="bias">Of no meaning here.</param>
    public LossResult Run(GlobalEmbeddings embeddings, double scale, double bias = 0)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var tiles = new LogitTiles(embeddings, scale, tile);
        long kept = Math.Max(MinKeptElements, (long)tile * tile);
        using var single = new Exponentials(tiles, Math.Max(0, scale - MaxExponent), ScalarType.Float32, limit: kept);
        var (result, smallest) = Run(embeddings, tiles, single);
        if (smallest < MinSum) // the same on all replicas: the sums are
        {
            using var twice = new Exponentials(tiles, 0, ScalarType.Float64, limit: 0);
            (result, _) = Run(embeddings, tiles, twice);
        }
        result.Images.MoveToOuterDisposeScope();
        result.Texts.MoveToOuterDisposeScope();
        return result;
    }

    /// <summary>Both passes.</summary>
    /// <returns>The smallest sum of a row or column as well. It is read with the result, so that the device need not be waited for twice;
    /// where it is too small, the result means nothing.</returns>
    private (LossResult Result, double SmallestSum) Run(GlobalEmbeddings embeddings, LogitTiles tiles, Exponentials exponentials)
    {
        using var scope = NewDisposeScope();
        var sums = Sums(embeddings, tiles, exponentials);
        double scale = tiles.Scale;
        var own = embeddings.Own;
        var (images, texts) = (LogitTiles.Rows(embeddings.Images, own), LogitTiles.Rows(embeddings.Texts, own));
        var diagonal = tiles.RowProducts(images, texts).to(ScalarType.Float64) * scale; // [b]
        var lse = (LogitTiles.Rows(sums.Rows, own).log() + LogitTiles.Rows(sums.Columns, own).log()) / 2 + exponentials.Shift;
        var value = (lse - diagonal).sum(); // N times the loss

        var (a, b) = (sums.Rows.reciprocal().to(exponentials.Type), sums.Columns.reciprocal().to(exponentials.Type)); // [N] each
        var gradient = new EmbeddingGradients(embeddings);
        foreach (var at in tiles.OfImages)
            Add(gradient, at, exponentials, a, b);
        foreach (var at in tiles.OfTexts)
            Add(gradient, at, exponentials, b, a);
        double factor = scale / (2.0 * embeddings.Count);
        var imageGradient = gradient.Images.add_(texts, alpha: -2).mul_(factor);
        var textGradient = gradient.Texts.add_(images, alpha: -2).mul_(factor);
        var scaleGradient = tiles.RowProducts(images, imageGradient).sum(ScalarType.Float64);
        double[] read = HostReads.Read(value, scaleGradient, sums.Rows.amin([0]), sums.Columns.amin([0]));
        var result = new LossResult(
            read[0] / embeddings.Count, imageGradient.MoveToOuterDisposeScope(), textGradient.MoveToOuterDisposeScope(), read[1], 0);
        return (result, Math.Min(read[2], read[3]));
    }

    /// <summary>Pass B for one tile, with the weights P + Q = exp(L − shift)·(1/row sum + 1/column sum).</summary>
    private static void Add(EmbeddingGradients gradient, LogitTile at, Exponentials exponentials, Tensor ofRows, Tensor ofColumns)
    {
        using var scope = NewDisposeScope();
        var factors = LogitTiles.Rows(ofRows, at.Rows).unsqueeze(1) + LogitTiles.Rows(ofColumns, at.Columns);
        gradient.Add(at, exponentials.Take(at).mul_(factors).to(ScalarType.Float32));
    }

    /// <summary>Pass A and its exchange: each replica has whole rows, and its part of every column.</summary>
    private ExponentialSums Sums(GlobalEmbeddings embeddings, LogitTiles tiles, Exponentials exponentials)
    {
        using var scope = NewDisposeScope();
        int n = embeddings.Count;
        // The own rows' sums after the partial sums of all columns: one exchange for both.
        var own = zeros([n + embeddings.Own.Count], ScalarType.Float64, embeddings.Images.device);
        foreach (var at in tiles.OfImages)
        {
            using var inner = NewDisposeScope();
            var e = exponentials.Keep(at);
            own.narrow(0, at.Columns.Start, at.Columns.Count).add_(e.sum(dim: [0]));
            own.narrow(0, n + at.Rows.Start - embeddings.Own.Start, at.Rows.Count).add_(e.sum(dim: [1]));
        }
        long[] counts = [.. embeddings.Shares.Rows.Select(rows => (long)n + rows)];
        var parts = group.AllGather(own, counts).split(counts);
        var columns = zeros([n], ScalarType.Float64, own.device);
        foreach (var part in parts)
            columns.add_(part.narrow(0, 0, n));
        var rows = cat([.. parts.Select(part => part.narrow(0, n, part.shape[0] - n))]);
        return new ExponentialSums(rows.MoveToOuterDisposeScope(), columns.MoveToOuterDisposeScope());
    }

    /// <summary>Σ_j exp(L_ij − shift) of every row and Σ_i of every column, [N] each, float64.</summary>
    private sealed record ExponentialSums(Tensor Rows, Tensor Columns);
}
