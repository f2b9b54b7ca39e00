using System.CommandLine;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Replicas;

/// <summary>
/// How many threads each replica of a run on this machine has: chosen when it begins and kept by its resumes, since another number rounds
/// sums otherwise.
/// </summary>
internal static class RunThreads
{
    /// <param name="replicas">That share the processors this process may use (its affinity and its control group's quota, as .NET counts
    /// them).</param>
    /// <param name="stored">What the run used so far; 0: it has not begun.</param>
    public static int Choose(int? asked, int replicas, int stored)
    {
        int share = Math.Max(1, Environment.ProcessorCount / replicas);
        return asked ?? (stored > 0 ? Math.Min(stored, share) : share);
    }

    /// <summary>What the user gave; null: nothing.</summary>
    public static int? Asked(ParseResult result, Option<int> threads) =>
        result.GetResult(threads) is { Implicit: false } ? result.GetValue(threads) : null;

    /// <summary>What the run in this directory used so far; 0: there is none.</summary>
    public static int Stored(RunDirectory directory) => File.Exists(directory.Info) ? RunInfo.Load(directory.Info).Threads : 0;
}
