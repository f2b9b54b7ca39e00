using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>The matrix s·I·Tᵀ in tiles. A single tile is kept between the two passes, since it costs no more memory than one tile does.</summary>
/// <param name="scaledImages">s·I, [N, D].</param>
internal sealed class LogitTiles(Tensor scaledImages, Tensor texts, int side)
{
    private Tensor? only;

    public IEnumerable<LogitTile> All
    {
        get
        {
            for (long row = 0; row < scaledImages.shape[0]; row += side)
            {
                for (long column = 0; column < texts.shape[0]; column += side)
                    yield return new LogitTile(row, Math.Min(side, scaledImages.shape[0] - row), column, Math.Min(side, texts.shape[0] - column));
            }
        }
    }

    public Tensor Logits(LogitTile at)
    {
        if (only is not null)
            return only;
        var logits = scaledImages.narrow(0, at.Row, at.Rows).matmul(texts.narrow(0, at.Column, at.Columns).t());
        if (at.Rows == scaledImages.shape[0] && at.Columns == texts.shape[0])
            only = logits.MoveToOuterDisposeScope();
        return logits;
    }
}

/// <summary>A rectangle of the logits.</summary>
internal readonly record struct LogitTile(long Row, long Rows, long Column, long Columns);
