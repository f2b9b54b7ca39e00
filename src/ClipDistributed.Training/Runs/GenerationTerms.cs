using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Loops;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Training.Runs;

/// <summary>The terms of one generation for its members, beside the group in which they compute.</summary>
/// <param name="Shares">What each rank computes in each step.</param>
/// <param name="Commands">To all members, which agree on the step that they take effect at.</param>
/// <param name="Progress">Reports the phase of the step that runs.</param>
public sealed record GenerationTerms(AssignedShares Shares, CommandInbox Commands, StepProgress Progress)
{
    /// <summary>The rank whose state the others take over.</summary>
    public int Source { get; init; }

    /// <summary>Why it begins, human-readable; empty for the first one.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Rows that crash the decoder, the same for all members; null: those of the run directory.</summary>
    public IReadOnlySet<SampleId>? PoisonRows { get; init; }

    /// <summary>To the run directory, for rank 0 of a coordinator's run; null: no other process writes there.</summary>
    public WriterClaim? Claim { get; init; }

    /// <summary>Cancelled when the generation is over: ends a wait for shares, or for samples.</summary>
    public CancellationToken Over { get; init; }
}
