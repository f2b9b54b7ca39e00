using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>
/// The symmetric softmax loss of CLIP (arXiv 2103.00020, figure 3) with its gradients written out. Logits exist one tile
/// at a time, never as N×N: pass A finds the log-sum-exps of rows and columns from one product, pass B the gradients.
/// </summary>
/// <param name="tile">Rows and columns of a tile; a tile of 1024² float32 stays in a core's cache.</param>
public sealed class ContrastiveLoss(int tile = 1024)
{
    /// <param name="images">Unit-norm image embeddings I of the global batch, [N, D], float32.</param>
    /// <param name="texts">Unit-norm text embeddings T, [N, D]; row i belongs to image i.</param>
    /// <param name="scale">s = exp(logit_scale), at most 100.</param>
    /// <returns>
    /// With L = s·I·Tᵀ: loss = ½·mean(lse_rows − diag) + ½·mean(lse_columns − diag); with P = exp(L − lse_rows) and
    /// Q = exp(L − lse_columns): dI = s/(2N)·[(P+Q)·T − 2T], dT = s/(2N)·[(P+Q)ᵀ·I − 2I], d logit_scale = Σ I·dI.
    /// </returns>
    public LossResult Run(Tensor images, Tensor texts, double scale)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        long n = images.shape[0];
        var scaled = images * scale; // one pass over N·D instead of one over N²
        var tiles = new LogitTiles(scaled, texts, tile);

        var (rowLse, columnLse) = LogSumExps(tiles, n, images.device);
        var diagonal = (scaled * texts).sum(dim: [1]); // [N]
        double loss = ((rowLse - diagonal).to(ScalarType.Float64).mean() + (columnLse - diagonal).to(ScalarType.Float64).mean()).ToDouble() / 2;

        var imageGradient = texts * -2.0; // [N, D], becomes (P+Q)·T − 2T
        var textGradient = images * -2.0;
        foreach (var at in tiles.All)
        {
            using var inner = NewDisposeScope();
            var logits = tiles.Logits(at); // [rows, columns]
            var weights = (logits - rowLse.narrow(0, at.Row, at.Rows).unsqueeze(1)).exp_()
                .add_((logits - columnLse.narrow(0, at.Column, at.Columns)).exp_()); // P + Q
            imageGradient.narrow(0, at.Row, at.Rows).addmm_(weights, texts.narrow(0, at.Column, at.Columns));
            textGradient.narrow(0, at.Column, at.Columns).addmm_(weights.t(), images.narrow(0, at.Row, at.Rows));
        }
        imageGradient.mul_(scale / (2 * n));
        textGradient.mul_(scale / (2 * n));
        double scaleGradient = (images * imageGradient).sum(ScalarType.Float64).ToDouble();
        return new LossResult(loss, imageGradient.MoveToOuterDisposeScope(), textGradient.MoveToOuterDisposeScope(), scaleGradient);
    }

    /// <summary>log Σ exp over each row and each column of the logits, [N] each; running maxima keep a scale of 100 finite.</summary>
    private static (Tensor Rows, Tensor Columns) LogSumExps(LogitTiles tiles, long n, Device device)
    {
        var rows = full([n], double.NegativeInfinity, ScalarType.Float32, device);
        var columns = full([n], double.NegativeInfinity, ScalarType.Float32, device);
        foreach (var at in tiles.All)
        {
            using var inner = NewDisposeScope();
            var logits = tiles.Logits(at);
            var row = rows.narrow(0, at.Row, at.Rows);
            var column = columns.narrow(0, at.Column, at.Columns);
            row.copy_(row.logaddexp(logits.logsumexp(1)));
            column.copy_(column.logaddexp(logits.logsumexp(0L)));
        }
        return (rows, columns);
    }
}

/// <summary>The loss of one global batch and its gradients.</summary>
/// <param name="Value">Natural logarithm, mean over both directions.</param>
/// <param name="Images">dLoss/dI, [N, D].</param>
/// <param name="Texts">dLoss/dT, [N, D].</param>
/// <param name="LogitScale">dLoss/d logit_scale, with respect to the logarithm.</param>
public sealed record LossResult(double Value, Tensor Images, Tensor Texts, double LogitScale);
