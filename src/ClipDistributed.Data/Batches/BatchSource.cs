using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Batches;

/// <summary>
/// The batches of consecutive steps, prepared on other threads in pieces, so that memory is bounded by bytes and the
/// pieces of one step are decoded side by side. Taking is synchronous and belongs to the training thread.
/// </summary>
public sealed class BatchSource : IDisposable
{
    private readonly SampleReader reader;
    private readonly SampleEncoder encoder;
    private readonly AssignedShares shares;
    private readonly int rank;
    private readonly int workers;
    private readonly long aheadBytes;
    private readonly int pieceRows;
    private readonly CancellationToken cancel;
    private readonly ReadAhead<Batch> pieces;
    private long next;

    /// <param name="shares">Nothing is read beyond the steps that are assigned.</param>
    /// <param name="rank">Whose share is wanted.</param>
    /// <param name="firstStep">The first step that is taken.</param>
    /// <param name="lastStep">The last step of the run.</param>
    /// <param name="workers">Threads that decode.</param>
    /// <param name="aheadBytes">Bytes of decoded images that may wait; at least the pieces in work are held.</param>
    /// <param name="pieceRows">Rows that one thread decodes at a time.</param>
    /// <param name="cancel">Ends a wait for steps to be assigned, or for what is read.</param>
    public BatchSource(SampleReader reader, SampleEncoder encoder, AssignedShares shares, int rank, long firstStep, long lastStep, int workers, long aheadBytes,
        int pieceRows = 64, CancellationToken cancel = default)
    {
        (this.reader, this.encoder) = (reader, encoder);
        this.shares = shares;
        this.rank = rank;
        (this.workers, this.aheadBytes) = (workers, aheadBytes);
        this.pieceRows = pieceRows;
        this.cancel = cancel;
        next = firstStep;
        long pieceBytes = 3L * encoder.ImageSize * encoder.ImageSize * pieceRows;
        // Behind the last step nothing is assigned, and nothing to be waited for.
        int piecesOfTwoSteps = firstStep > lastStep ? 0 : 2 * ((Share(firstStep).Of(rank).Count + pieceRows - 1) / pieceRows);
        int capacity = (int)Math.Clamp(aheadBytes / pieceBytes, workers, Math.Max(workers, piecesOfTwoSteps));
        pieces = ReadAhead<Batch>.Start(
            cancel => ReadAsync(firstStep, lastStep, cancel), (piece, _) => encoder.Encode(piece.Step, piece.Samples), workers, capacity);
    }

    /// <summary>The shares of the next step and this rank's part of its batch.</summary>
    public (Batch Batch, Shares Shares) Take()
    {
        long step = next++;
        var all = Share(step);
        return (Collect(step, all.Of(rank).Count), all);
    }

    /// <summary>What the pipeline waited for since the last call.</summary>
    public PipelineWaits TakeWaits()
    {
        var waits = pieces.TakeWaits();
        return new PipelineWaits(waits.Source, waits.Workers, waits.Taker);
    }

    /// <summary>
    /// The batch of a step that was taken as the next rank sees it, for a second try of that step. A replica alone gets its own again.
    /// </summary>
    public Batch TakeRotated(Batch taken, Shares all)
    {
        if (all.Rows.Count == 1)
            return taken;
        var beside = reader.Beside();
        try
        {
            using var next = new BatchSource(beside, encoder, AssignedShares.Always(all), (rank + 1) % all.Rows.Count, taken.Step, taken.Step, workers, aheadBytes, pieceRows, cancel);
            return next.Take().Batch;
        }
        finally
        {
            beside.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    public void Dispose() => pieces.Dispose();

    private Batch Collect(long step, int wanted)
    {
        if (wanted == 0)
            return encoder.Encode(step, []);
        var parts = new List<Batch>();
        for (int rows = 0; rows < wanted; rows += parts[^1].Count)
            parts.Add(pieces.Take(cancel));
        if (parts.Any(part => part.Step != step))
            throw new InvalidOperationException(
                $"The pieces of step {step} are of the steps {string.Join(", ", parts.Select(part => part.Step).Distinct())}.");
        if (parts.Count == 1)
            return parts[0];
        return parts[0] with
        {
            Samples = [.. parts.SelectMany(part => part.Samples)],
            Images = [.. parts.SelectMany(part => part.Images)],
            Tokens = [.. parts.SelectMany(part => part.Tokens)],
        };
    }

    private Shares Share(long step) => shares.AtAsync(step, cancel).GetAwaiter().GetResult();

    private async IAsyncEnumerable<(long Step, EncodedSample[] Samples)> ReadAsync(
        long firstStep, long lastStep, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (long step = firstStep; step <= lastStep; step++)
        {
            var share = (await shares.AtAsync(step, cancel)).Of(rank);
            for (int slot = share.Start; slot < share.End; slot += pieceRows)
                yield return (step, await reader.ReadAsync(step, new SlotRange(slot, Math.Min(pieceRows, share.End - slot)), cancel));
        }
    }
}
