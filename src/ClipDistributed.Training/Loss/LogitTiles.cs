using ClipDistributed.Data.Streams;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>
/// The logits that one replica needs, s·I·Tᵀ of N×N, in tiles: those of its own images with all texts, and those of its own
/// texts with the images of others. Columns are cut at the borders of the own rows, so that a tile of own images and own
/// texts serves both sides.
/// </summary>
/// <param name="side">Rows and columns of a tile; a tile of 1024² float32 stays in a core's cache.</param>
internal sealed class LogitTiles(GlobalEmbeddings embeddings, double scale, int side) : IDisposable
{
    // One pass over b·D instead of one over b·N.
    private readonly Tensor scaledImages = Rows(embeddings.Images, embeddings.Own).mul(scale);
    private readonly Tensor scaledTexts = Rows(embeddings.Texts, embeddings.Own).mul(scale);

    /// <summary>Own images (rows) with all texts (columns).</summary>
    public IReadOnlyList<LogitTile> OfImages { get; } =
        [.. Cut(embeddings.Own, side).SelectMany(rows => Columns(embeddings, side).Select(columns => new LogitTile(rows, columns.Range, columns.Own, OfTexts: false)))];

    /// <summary>Own texts (rows) with the images of others (columns).</summary>
    public IReadOnlyList<LogitTile> OfTexts { get; } =
        [.. Cut(embeddings.Own, side).SelectMany(rows => Columns(embeddings, side).Where(columns => !columns.Own).Select(columns => new LogitTile(rows, columns.Range, Own: false, OfTexts: true)))];

    /// <summary>Logits, [rows, columns].</summary>
    public Tensor Logits(LogitTile tile) => tile.OfTexts
        ? OwnRows(scaledTexts, tile).matmul(Rows(embeddings.Images, tile.Columns).t())
        : OwnRows(scaledImages, tile).matmul(Rows(embeddings.Texts, tile.Columns).t());

    public void Dispose()
    {
        scaledImages.Dispose();
        scaledTexts.Dispose();
    }

    /// <summary>Some rows of a matrix, a view.</summary>
    public static Tensor Rows(Tensor matrix, SlotRange rows) => matrix.narrow(0, rows.Start, rows.Count);

    private Tensor OwnRows(Tensor scaled, LogitTile tile) => scaled.narrow(0, tile.Rows.Start - embeddings.Own.Start, tile.Rows.Count);

    private static IEnumerable<(SlotRange Range, bool Own)> Columns(GlobalEmbeddings embeddings, int side)
    {
        var own = embeddings.Own;
        return Cut(new SlotRange(0, own.Start), side).Select(range => (range, false))
            .Concat(Cut(own, side).Select(range => (range, true)))
            .Concat(Cut(new SlotRange(own.End, embeddings.Count - own.End), side).Select(range => (range, false)));
    }

    private static IEnumerable<SlotRange> Cut(SlotRange range, int side)
    {
        for (int start = range.Start; start < range.End; start += side)
            yield return new SlotRange(start, Math.Min(side, range.End - start));
    }
}

/// <summary>A rectangle of the logits, in slots of the global batch.</summary>
/// <param name="Own">Its columns are own texts.</param>
/// <param name="OfTexts">Its rows are texts, its columns images.</param>
internal readonly record struct LogitTile(SlotRange Rows, SlotRange Columns, bool Own, bool OfTexts)
{
    /// <summary>Holds the logits of pairs, on its diagonal.</summary>
    public bool HoldsPairs => Own && Rows == Columns;
}
