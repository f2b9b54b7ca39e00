using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Batches;

/// <summary>Whose batches of which steps.</summary>
/// <param name="Shares">Nothing is read beyond the steps that are assigned.</param>
/// <param name="Rank">Whose share is wanted.</param>
/// <param name="FirstStep">The first step that is taken.</param>
/// <param name="LastStep">The last step of the run.</param>
public sealed record BatchRange(AssignedShares Shares, int Rank, long FirstStep, long LastStep)
{
    /// <summary>The whole batch of each step.</summary>
    public static BatchRange Whole(int globalBatch, long firstStep, long lastStep) =>
        new(AssignedShares.Always(new Shares([globalBatch])), 0, firstStep, lastStep);
}

/// <summary>How far decoding may go ahead of training.</summary>
/// <param name="Workers">Threads that decode.</param>
/// <param name="Bytes">Of decoded images that may wait; at least the pieces in work are held.</param>
/// <param name="PieceRows">Rows that one thread decodes at a time.</param>
public sealed record DecodingLimits(int Workers, long Bytes, int PieceRows = 64);
