using System.Globalization;

namespace ClipDistributed.Contracts.Runs;

/// <summary>
/// By what right a replica writes to its run's directory. Of one run the later claim is the better one: the replica with an
/// earlier one may still live beyond a cut network, and hold the directory's lock, but its generation is over.
/// </summary>
/// <param name="Generation">That it writes for; of one that reads the newest checkpoint the last one before it was started.</param>
/// <param name="Replica">Counts the replicas of the run in the order of their start.</param>
public sealed record WriterClaim(string RunId, long Generation, long Replica)
{
    public bool Supersedes(WriterClaim? other) =>
        other is not null && RunId == other.RunId && (Generation, Replica).CompareTo((other.Generation, other.Replica)) > 0;

    /// <summary>One line, as <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{RunId} {Generation} {Replica}");

    public static WriterClaim? TryParse(string line) => line.Split(' ') switch
    {
        [var runId, var generation, var replica] when long.TryParse(generation, CultureInfo.InvariantCulture, out long number)
            && long.TryParse(replica, CultureInfo.InvariantCulture, out long started)
            => new WriterClaim(runId, number, started),
        _ => null,
    };
}
