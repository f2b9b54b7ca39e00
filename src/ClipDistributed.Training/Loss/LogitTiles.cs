using ClipDistributed.Data.Streams;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>
/// The logits that one replica needs, s·I·Tᵀ of N×N, in tiles: those of its own images with all texts, and those of its own
/// texts with the images of others. Columns are cut at the borders of the own rows, so that a tile of own images and own
/// texts serves both sides.
/// </summary>
/// <param name="side">Rows and columns of a tile.</param>
internal sealed class LogitTiles(GlobalEmbeddings embeddings, double scale, int side)
{
    /// <summary>s.</summary>
    public double Scale => scale;

    /// <summary>Own images (rows) with all texts (columns).</summary>
    public IReadOnlyList<LogitTile> OfImages { get; } =
    [
        .. Cut(embeddings.Own, side)
            .SelectMany(rows =>
                Columns(embeddings, side).Select(columns => new LogitTile(rows, columns.Range, columns.Own, OfTexts: false))
            ),
    ];

    /// <summary>Own texts (rows) with the images of others (columns).</summary>
    public IReadOnlyList<LogitTile> OfTexts { get; } =
    [
        .. Cut(embeddings.Own, side)
            .SelectMany(rows =>
                Columns(embeddings, side)
                    .Where(columns => !columns.Own)
                    .Select(columns => new LogitTile(rows, columns.Range, Own: false, OfTexts: true))
            ),
    ];

    /// <summary>Room for the logits of any one tile, float32.</summary>
    public Tensor Room() =>
        empty([OfImages.Concat(OfTexts).Max(tile => (long?)tile.Elements) ?? 0], ScalarType.Float32, embeddings.Images.device);

    /// <summary>Logits, [rows, columns].</summary>
    /// <param name="room">Its beginning is where they are written: with new memory for each tile the heap grows by holes.</param>
    public Tensor Logits(LogitTile tile, Tensor room)
    {
        var (rows, columns) = tile.OfTexts ? (embeddings.Texts, embeddings.Images) : (embeddings.Images, embeddings.Texts);
        return tile.View(room).addmm_(Rows(rows, tile.Rows), Rows(columns, tile.Columns).t(), beta: 0, alpha: (float)scale);
    }

    /// <summary>Σ_d a_id·b_id of the own rows, [b]; in pieces, so that no third matrix of b·D is needed.</summary>
    public Tensor RowProducts(Tensor a, Tensor b) =>
        cat([
            .. Cut(new SlotRange(0, (int)a.shape[0]), side).Select(rows => RowProducts(a, b, rows)),
            zeros([0], ScalarType.Float32, a.device),
        ]);

    private static Tensor RowProducts(Tensor a, Tensor b, SlotRange rows)
    {
        using var scope = NewDisposeScope();
        return (Rows(a, rows) * Rows(b, rows)).sum(dim: [1]).MoveToOuterDisposeScope();
    }

    /// <summary>Some rows of a matrix, a view.</summary>
    public static Tensor Rows(Tensor matrix, SlotRange rows) => matrix.narrow(0, rows.Start, rows.Count);

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
    public long Elements => (long)Rows.Count * Columns.Count;

    /// <summary>The beginning of a vector, as [rows, columns].</summary>
    public Tensor View(Tensor vector) => vector.narrow(0, 0, Elements).view(Rows.Count, Columns.Count);

    /// <summary>Holds the logits of pairs, on its diagonal.</summary>
    public bool HoldsPairs => Own && Rows == Columns;
}
