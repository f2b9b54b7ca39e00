using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>What a run has left when it was stopped: its steps, and what <c>clipd run verify</c> says of them.</summary>
/// <param name="Lost">Steps between the first and the last one that are not recorded.</param>
/// <param name="Repeated">Steps that are recorded twice.</param>
/// <param name="Verified">The last line of <c>clipd run verify</c>: plan digests of all steps against the spec.</param>
internal sealed record RunEnd(IReadOnlyList<StepMetrics> Steps, long Lost, long Repeated, string Verified, bool IsVerified)
{
    /// <summary>Null: no row was lost or came twice.</summary>
    public string? Miss => Lost + Repeated > 0 ? $"{Lost} steps lost, {Repeated} repeated" : IsVerified ? null : Verified;

    /// <summary>Stops a run, waits for its end, and looks at what it has left.</summary>
    public static RunEnd Of(ChaosCluster cluster, string runId, RunDirectory directory)
    {
        cluster.Ask("run", "stop", runId);
        string ended = cluster.Try("run", "watch", runId, "--coordinator", cluster.Address).Output;
        var steps = StepWatch.Recorded(directory);
        long distinct = steps.DistinctBy(step => step.Step).Count();
        var (verified, exit) = cluster.Try("run", "verify", runId, "--coordinator", cluster.Address);
        return new RunEnd(
            steps,
            steps.Max(step => step.Step) - distinct,
            steps.Count - distinct,
            exit == 0 ? verified.Trim() : $"{verified.Trim()}\n{ended.Trim()}",
            exit == 0
        );
    }
}
