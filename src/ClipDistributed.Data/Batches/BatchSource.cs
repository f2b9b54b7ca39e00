using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Run.V1;
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
    private readonly BatchRange range;
    private readonly DecodingLimits limits;
    private readonly CancellationToken cancel;
    private readonly ReadAhead<Batch> pieces;
    private long next;

    /// <param name="cancel">Ends a wait for steps to be assigned, or for what is read.</param>
    public BatchSource(
        SampleReader reader,
        SampleEncoder encoder,
        BatchRange range,
        DecodingLimits limits,
        CancellationToken cancel = default
    )
    {
        (this.reader, this.encoder) = (reader, encoder);
        (this.range, this.limits) = (range, limits);
        this.cancel = cancel;
        next = range.FirstStep;
        var (workers, aheadBytes, pieceRows) = limits;
        long pieceBytes = 3L * encoder.ImageSize * encoder.ImageSize * pieceRows;
        // After the last step nothing is assigned, and nothing to be waited for.
        int piecesOfTwoSteps = range.FirstStep > range.LastStep
            ? 0
            : 2 * ((Share(range.FirstStep).Of(range.Rank).Count + pieceRows - 1) / pieceRows);
        int capacity = (int)Math.Clamp(aheadBytes / pieceBytes, workers, Math.Max(workers, piecesOfTwoSteps));
        pieces = ReadAhead<Batch>.Start(ReadAsync, (piece, _) => encoder.Encode(piece.Step, piece.Samples), workers, capacity);
    }

    /// <summary>The shares of the next step and this rank's part of its batch.</summary>
    public (Batch Batch, Shares Shares) Take()
    {
        long step = next++;
        var all = Share(step);
        return (Collect(step, all.Of(range.Rank).Count), all);
    }

    /// <summary>What the pipeline waited for since the last call.</summary>
    public PipelineWaits TakeWaits()
    {
        var waits = pieces.TakeWaits();
        return new PipelineWaits { Reading = waits.Source, Decoding = waits.Workers, Step = waits.Taker };
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
            var rotated = new BatchRange(AssignedShares.Always(all), (range.Rank + 1) % all.Rows.Count, taken.Step, taken.Step);
            using var next = new BatchSource(beside, encoder, rotated, limits, cancel);
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

    private Shares Share(long step) => range.Shares.AtAsync(step, cancel).GetAwaiter().GetResult();

    private async IAsyncEnumerable<(long Step, EncodedSample[] Samples)> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        int pieceRows = limits.PieceRows;
        for (long step = range.FirstStep; step <= range.LastStep; step++)
        {
            var share = (await range.Shares.AtAsync(step, cancel)).Of(range.Rank);
            for (int slot = share.Start; slot < share.End; slot += pieceRows)
                yield return (step, await reader.ReadAsync(step, new SlotRange(slot, Math.Min(pieceRows, share.End - slot)), cancel));
        }
    }
}
