using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>The input of the rules of a run.</summary>
/// <param name="ReceivesFromOtherHosts">Whether messages of any host but these arrive: then the coordinator's own network works.</param>
/// <param name="ClosedHosts">Hosts that get no replicas now and why, as in <c>; host a is drained</c>; empty: there are none.</param>
internal sealed record RunSituation(
    ActiveRun Run,
    TimeSpan Now,
    CoordinatorOptions Options,
    Func<IEnumerable<string>, bool> ReceivesFromOtherHosts,
    Func<string> ClosedHosts)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    public Census Census { get; } = Run.Roster.TakeCensus();

    /// <summary>Evaluates the rules again soon, even without an input.</summary>
    public RunAction.WakeAt Poll => new(Now + PollInterval);
}
