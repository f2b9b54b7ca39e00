using System.Runtime.CompilerServices;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Batches;

/// <summary>
/// The batches of consecutive steps, prepared on other threads in pieces, so that memory is bounded by bytes and the
/// pieces of one step are decoded side by side. Taking is synchronous and belongs to the training thread.
/// </summary>
public sealed class BatchSource : IDisposable
{
    private readonly SlotRange share;
    private readonly int pieceRows;
    private readonly ReadAhead<Batch> pieces;
    private long next;

    /// <param name="share">The slots of the global batch that are wanted.</param>
    /// <param name="firstStep">The first step that is taken.</param>
    /// <param name="lastStep">The last step of the run.</param>
    /// <param name="workers">Threads that decode.</param>
    /// <param name="aheadBytes">Bytes of decoded images that may wait; at least the pieces in work are held.</param>
    /// <param name="pieceRows">Rows that one thread decodes at a time.</param>
    public BatchSource(SampleReader reader, SampleEncoder encoder, SlotRange share, long firstStep, long lastStep, int workers, long aheadBytes, int pieceRows = 64)
    {
        this.share = share;
        this.pieceRows = pieceRows;
        next = firstStep;
        long pieceBytes = 3L * encoder.ImageSize * encoder.ImageSize * pieceRows;
        int piecesOfTwoSteps = 2 * ((share.Count + pieceRows - 1) / pieceRows);
        int capacity = (int)Math.Clamp(aheadBytes / pieceBytes, workers, Math.Max(workers, piecesOfTwoSteps));
        pieces = ReadAhead<Batch>.Start(cancel => ReadAsync(reader, firstStep, lastStep, cancel), (piece, _) => encoder.Encode(piece.Step, piece.Samples), workers, capacity);
    }

    /// <summary>The batch of the next step.</summary>
    public Batch Take()
    {
        var parts = new List<Batch>();
        for (int rows = 0; rows < share.Count; rows += parts[^1].Count)
            parts.Add(pieces.Take());
        long step = next++;
        if (parts.Any(part => part.Step != step))
            throw new InvalidOperationException($"The pieces of step {step} are of the steps {string.Join(", ", parts.Select(part => part.Step).Distinct())}.");
        if (parts.Count == 1)
            return parts[0];
        return parts[0] with
        {
            Samples = [.. parts.SelectMany(part => part.Samples)],
            Images = [.. parts.SelectMany(part => part.Images)],
            Tokens = [.. parts.SelectMany(part => part.Tokens)],
        };
    }

    public void Dispose() => pieces.Dispose();

    private async IAsyncEnumerable<(long Step, EncodedSample[] Samples)> ReadAsync(SampleReader reader, long firstStep, long lastStep, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (long step = firstStep; step <= lastStep; step++)
        {
            for (int slot = share.Start; slot < share.End; slot += pieceRows)
                yield return (step, await reader.ReadAsync(step, new SlotRange(slot, Math.Min(pieceRows, share.End - slot)), cancel));
        }
    }
}
