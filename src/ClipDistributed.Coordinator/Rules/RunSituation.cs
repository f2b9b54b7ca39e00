using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>What the rules of a run decide by.</summary>
/// <param name="HearsOtherHosts">Whether any host but these is heard from: then the coordinator's own network works.</param>
/// <param name="ClosedHosts">Hosts that get no replicas now and why, as in <c>; host a is drained</c>; empty: there are none.</param>
internal sealed record RunSituation(
    ActiveRun Run, TimeSpan Now, CoordinatorOptions Options, Func<IEnumerable<string>, bool> HearsOtherHosts, Func<string> ClosedHosts)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    public Census Census { get; } = Run.Roster.TakeCensus();

    /// <summary>Looks again soon, though nothing comes.</summary>
    public RunAction.WakeAt Poll => new(Now + PollInterval);
}
