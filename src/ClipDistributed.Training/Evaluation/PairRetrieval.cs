using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>
/// Contrastive loss and retrieval over N pairs. Cosines exist one tile at a time, never as N×N: the first walk over the
/// tiles finds the loss and how high the best right item of each query scores, the second counts the wrong items above it.
/// </summary>
/// <remarks>
/// Rows with the same image are one image, and any of its captions is right, by its text; so duplicates do not count as
/// errors. Among equal scores wrong items come first: a model that gives all pairs one embedding finds nothing. Neither does
/// one with non-finite embeddings. In the loss, as in training, duplicates are not pairs.
/// </remarks>
public static class PairRetrieval
{
    private const int TileRows = 1024;

    /// <param name="images">Unit-norm embeddings, [N, D] of float32; row i belongs to text i.</param>
    /// <param name="texts">Unit-norm embeddings, [N, D] of float32.</param>
    /// <param name="labels">Which rows have the same image or the same text.</param>
    /// <param name="scale">exp(logit_scale).</param>
    /// <param name="bias">Given: the sigmoid loss (arXiv 2303.15343, equation 1) instead of the softmax loss (arXiv 2103.00020, figure
    /// 3).</param>
    public static RetrievalResult Run(
        Tensor images, Tensor texts, PairLabels labels, double scale, double? bias = null, int tile = TileRows)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        long n = images.shape[0];
        var loss = bias is { } beta ? (IPairLoss)new SigmoidPairLoss(scale, beta) : new SoftmaxPairLoss(n, scale, images.device);
        var isFirst = labels.IsFirst(images.device);
        var bestText = full([n], double.NegativeInfinity, ScalarType.Float32, images.device); // of each image's right texts
        var bestImage = bestText.clone();
        foreach (var (rows, columns) in Tiles(n, tile))
        {
            using var inner = NewDisposeScope();
            var cosines = Cosines(images, texts, rows, columns); // [r, c]
            var right = cosines.masked_fill(Right(labels, rows, columns, images.device).logical_not(), double.NegativeInfinity);
            Raise(bestText, rows, right.amax([1]));
            Raise(bestImage, columns, right.amax([0]));
            loss.Add(cosines, rows, columns);
        }
        var textsAhead = zeros([n], ScalarType.Int64, images.device);
        var imagesAhead = zeros([n], ScalarType.Int64, images.device);
        foreach (var (rows, columns) in Tiles(n, tile))
        {
            using var inner = NewDisposeScope();
            var cosines = Cosines(images, texts, rows, columns);
            var right = Right(labels, rows, columns, images.device);
            // "Not below" instead of "at least": a NaN is ahead.
            textsAhead
                .narrow(0, rows.Start, rows.Count)
                .add_(cosines.lt(Part(bestText, rows).unsqueeze(1)).logical_or(right).logical_not().sum([1]));
            var ahead = cosines.lt(Part(bestImage, columns)).logical_or(right).logical_not().logical_and(Part(isFirst, rows).unsqueeze(1));
            imagesAhead.narrow(0, columns.Start, columns.Count).add_(ahead.sum([0]));
        }
        var diagonal = (images * texts).sum([1]).to(ScalarType.Float64);
        return new RetrievalResult(loss.Value(diagonal), Recall(textsAhead.masked_select(isFirst)), Recall(imagesAhead));
    }

    private static Tensor Cosines(Tensor images, Tensor texts, TileSide rows, TileSide columns) =>
        Part(images, rows).matmul(Part(texts, columns).t());

    private static Tensor Right(PairLabels labels, TileSide rows, TileSide columns, Device device) =>
        labels.Right(rows.Range, columns.Range, device);

    private static Tensor Part(Tensor all, TileSide side) => all.narrow(0, side.Start, side.Count);

    private static void Raise(Tensor best, TileSide side, Tensor found)
    {
        var part = Part(best, side);
        part.copy_(maximum(part, found));
    }

    private static RetrievalRecall Recall(Tensor ahead)
    {
        return new RetrievalRecall { At1 = At(1), At5 = At(5), At10 = At(10) };

        double At(int k) => ahead.lt(k).sum().ToInt64() / (double)ahead.numel();
    }

    private static IEnumerable<(TileSide Rows, TileSide Columns)> Tiles(long n, int tile) =>
        from rows in Cut(n, tile) from columns in Cut(n, 4 * tile) select (rows, columns);

    private static IEnumerable<TileSide> Cut(long n, int length)
    {
        for (long start = 0; start < n; start += length)
            yield return new TileSide(start, Math.Min(length, n - start));
    }

    private interface IPairLoss
    {
        void Add(Tensor cosines, TileSide rows, TileSide columns);

        /// <param name="diagonal">Cosines of the pairs, [N] of float64.</param>
        double Value(Tensor diagonal);
    }

    private readonly record struct TileSide(long Start, long Count)
    {
        public Range Range => (int)Start..(int)(Start + Count);
    }

    /// <summary>½·mean(lse of rows − diagonal) + ½·mean(lse of columns − diagonal) of the logits s·cos.</summary>
    private sealed class SoftmaxPairLoss(long n, double scale, Device device) : IPairLoss
    {
        private readonly Tensor rowSums = full([n], double.NegativeInfinity, ScalarType.Float64, device);
        private readonly Tensor columnSums = full([n], double.NegativeInfinity, ScalarType.Float64, device);

        public void Add(Tensor cosines, TileSide rows, TileSide columns)
        {
            var logits = cosines * scale;
            AddTo(rowSums, rows, logits.logsumexp(1));
            AddTo(columnSums, columns, logits.logsumexp(0));
        }

        public double Value(Tensor diagonal) => ((rowSums + columnSums) / 2 - diagonal * scale).mean().ToDouble();

        private static void AddTo(Tensor sums, TileSide side, Tensor tile)
        {
            var part = Part(sums, side);
            part.copy_(logaddexp(part, tile.to(ScalarType.Float64)));
        }
    }

    /// <summary>1/N·Σ −log σ(z·(s·cos + β)) with z = 1 for pairs and −1 for all others; −log σ(x) + x = −log σ(−x).</summary>
    private sealed class SigmoidPairLoss(double scale, double bias) : IPairLoss
    {
        private double sum;

        public void Add(Tensor cosines, TileSide rows, TileSide columns) =>
            sum += nn.functional.softplus(cosines * scale + bias).sum(ScalarType.Float64).ToDouble();

        public double Value(Tensor diagonal) => (sum - (diagonal * scale + bias).sum().ToDouble()) / diagonal.numel();
    }
}
