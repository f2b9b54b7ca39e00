using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Loops;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Training.Runs;

/// <summary>What one generation gives its members, beside the group in which they compute.</summary>
/// <param name="Shares">What each rank computes in each step.</param>
/// <param name="Commands">What all members are asked to do, and agree on.</param>
/// <param name="Progress">Reports how far the step is.</param>
public sealed record GenerationTerms(AssignedShares Shares, CommandInbox Commands, StepProgress Progress)
{
    /// <summary>The rank whose state the others take over.</summary>
    public int Source { get; init; }

    /// <summary>Why it begins, for people; empty for the first one.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Rows that crash the decoder, the same for all members; null: those of the run directory.</summary>
    public IReadOnlySet<SampleId>? Condemned { get; init; }

    /// <summary>To the run directory, for rank 0 of a coordinator's run; null: nobody else is there.</summary>
    public WriterClaim? Claim { get; init; }

    /// <summary>Cancelled when the generation is over: ends a wait for shares, or for what is read.</summary>
    public CancellationToken Over { get; init; }
}
