using ClipDistributed.Collectives;

namespace ClipDistributed.Training.Steps;

/// <summary>What the replicas tell each other of a step before they exchange embeddings.</summary>
/// <param name="EmbeddingsFinite">Of its rows.</param>
/// <param name="Shares">Fingerprint of the shares that it cut the batch by.</param>
internal readonly record struct StepEntry(bool EmbeddingsFinite, ulong Shares)
{
    /// <summary>A change of shares may reach some and not others, who go on with the old ones: such a step must not be computed.</summary>
    /// <param name="entries">Everyone's, in rank order: all fail alike.</param>
    /// <exception cref="CollectiveException">Not all cut the batch alike.</exception>
    public static void ThrowIfCutDifferently(IReadOnlyList<StepEntry> entries, long step)
    {
        var ways = Enumerable
            .Range(0, entries.Count)
            .GroupBy(rank => entries[rank].Shares)
            .Select(ranks => $"{(ranks.Count() == 1 ? "rank" : "ranks")} {string.Join(", ", ranks)}")
            .ToList();
        if (ways.Count > 1)
            throw new CollectiveException(
                "cutting the batch",
                $"step {step}",
                $"a change of shares did not reach all: {string.Join(" and ", ways)} go by different ones"
            );
    }
}
