namespace ClipDistributed.Training.Consistency;

/// <summary>What becomes of replicas whose states differ, and why.</summary>
internal abstract record StateVerdict(string Reason)
{
    /// <summary>A relative difference up to it is one of rounding, by another processor's instructions for example.</summary>
    public const double Rounding = 1e-6;

    /// <summary>All take over the state of <see cref="Reference"/>.</summary>
    internal sealed record Resynchronise(string Reason) : StateVerdict(Reason);

    /// <summary>These hold what most others do not.</summary>
    internal sealed record Exclude(IReadOnlyList<int> Ranks, string Reason) : StateVerdict(Reason);

    /// <summary>No majority: all go back to the newest checkpoint.</summary>
    internal sealed record Reload(string Reason) : StateVerdict(Reason);

    /// <summary>Whose state the others are compared with: the lowest rank of the majority, where there is none the lowest rank.</summary>
    public static int Reference(IReadOnlyList<ulong> digests) =>
        Majority(digests) is { } digest ? Enumerable.Range(0, digests.Count).First(rank => digests[rank] == digest) : 0;

    /// <param name="step">The applied step.</param>
    /// <param name="digests">By rank; not all are equal.</param>
    /// <param name="differences">By rank: relative, from the state of <see cref="Reference"/>.</param>
    public static StateVerdict Decide(long step, IReadOnlyList<ulong> digests, IReadOnlyList<double> differences)
    {
        int reference = Reference(digests);
        var differ = Enumerable.Range(0, digests.Count).Where(rank => digests[rank] != digests[reference]).ToList();
        string found = $"after step {step} the state of rank {string.Join(" and ", differ)} differs from that of rank {reference} by "
            + $"{differ.Max(rank => differences[rank]):g2} (relative)";
        var beyond = differ.Where(rank => !(differences[rank] <= Rounding)).ToList(); // NaN, too
        if (beyond.Count == 0)
            return new Resynchronise($"{Capital(found)}; all took over that of rank {reference}.");
        if (Majority(digests) is null)
            return new Reload($"{found}, and no majority shows which is right; the newest checkpoint is read");
        return new Exclude(beyond, found);
    }

    private static ulong? Majority(IReadOnlyList<ulong> digests) =>
        digests.GroupBy(digest => digest).FirstOrDefault(alike => 2 * alike.Count() > digests.Count)?.Key;

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
