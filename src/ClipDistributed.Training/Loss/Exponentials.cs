using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>exp(L − shift), a tile at a time. The first tiles of the first pass are kept for the second, as far as a limit of memory
/// goes.</summary>
internal sealed class Exponentials : IDisposable
{
    private readonly LogitTiles tiles;
    private readonly Tensor room;
    private readonly Tensor kept; // one tile after the other
    private readonly Dictionary<LogitTile, long> starts = []; // of the kept tiles
    private long used;

    /// <param name="type">float64 where float32 would lose digits.</param>
    /// <param name="limit">Elements that may be kept in all; in float64 none are.</param>
    public Exponentials(LogitTiles tiles, double shift, ScalarType type, long limit)
    {
        (this.tiles, Shift, Type) = (tiles, shift, type);
        room = tiles.Room();
        kept = empty(
            [type == ScalarType.Float32 ? Math.Min(limit, tiles.OfImages.Sum(tile => tile.Elements)) : 0],
            ScalarType.Float32,
            room.device
        );
    }

    public double Shift { get; }

    public ScalarType Type { get; }

    /// <summary>In the first pass.</summary>
    public Tensor Keep(LogitTile tile)
    {
        if (used + tile.Elements > kept.shape[0])
            return Compute(tile, room);
        long start = starts[tile] = used;
        used += tile.Elements;
        return Compute(tile, kept.narrow(0, start, tile.Elements));
    }

    /// <summary>In the second pass, once for each tile; the caller may change what it gets, until it takes the next.</summary>
    public Tensor Take(LogitTile tile) =>
        starts.TryGetValue(tile, out long start) ? tile.View(kept.narrow(0, start, tile.Elements)) : Compute(tile, room);

    public void Dispose()
    {
        room.Dispose();
        kept.Dispose();
    }

    private Tensor Compute(LogitTile tile, Tensor memory)
    {
        var logits = tiles.Logits(tile, memory).to(Type);
        return (Shift == 0 ? logits : logits.sub_(Shift)).exp_();
    }
}
