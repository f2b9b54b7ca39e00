using ClipDistributed.Collectives;

namespace ClipDistributed.Training.Steps;

/// <summary>What each replica reports of a step before the embeddings are exchanged.</summary>
/// <param name="EmbeddingsFinite">Of its rows.</param>
/// <param name="Shares">Fingerprint of the shares that it divided the batch by.</param>
internal readonly record struct StepEntry(bool EmbeddingsFinite, ulong Shares)
{
    /// <summary>A change of shares may reach some replicas and not others: such a step must not be computed.</summary>
    /// <param name="entries">Of all replicas in rank order: all fail alike.</param>
    /// <exception cref="CollectiveException">The replicas do not all divide the batch alike.</exception>
    public static void ThrowIfSharesDiffer(IReadOnlyList<StepEntry> entries, long step)
    {
        var ways = Enumerable
            .Range(0, entries.Count)
            .GroupBy(rank => entries[rank].Shares)
            .Select(ranks => $"{(ranks.Count() == 1 ? "rank" : "ranks")} {string.Join(", ", ranks)}")
            .ToList();
        if (ways.Count > 1)
            throw new CollectiveException(
                "dividing the batch",
                $"step {step}",
                $"a change of shares did not reach all replicas: {string.Join(" and ", ways)} use different ones"
            );
    }
}
