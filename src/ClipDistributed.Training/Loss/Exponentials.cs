using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>exp(L − shift), a tile at a time. The first tiles of the first pass are kept for the second, as far as a limit of memory goes.</summary>
internal sealed class Exponentials(LogitTiles tiles, double shift, ScalarType type) : IDisposable
{
    private readonly Dictionary<LogitTile, Tensor> kept = [];
    private long keptElements;

    public LogitTiles Tiles => tiles;

    public double Shift => shift;

    public ScalarType Type => type;

    /// <summary>In the first pass.</summary>
    /// <param name="limit">Elements that may be kept in all.</param>
    public Tensor Keep(LogitTile tile, long limit)
    {
        var e = Compute(tile);
        if (keptElements + e.numel() <= limit)
        {
            keptElements += e.numel();
            kept[tile] = e.DetachFromDisposeScope();
        }
        return e;
    }

    /// <summary>In the second pass; the caller may change what it gets.</summary>
    /// <param name="scope">Owns it from now on.</param>
    public Tensor Take(LogitTile tile, DisposeScope scope)
    {
        if (!kept.Remove(tile, out var e))
            return Compute(tile);
        scope.Attach(e);
        return e;
    }

    public void Dispose()
    {
        foreach (var e in kept.Values)
            e.Dispose();
    }

    private Tensor Compute(LogitTile tile)
    {
        var logits = tiles.Logits(tile).to(type);
        return (shift == 0 ? logits : logits.sub_(shift)).exp_();
    }
}
