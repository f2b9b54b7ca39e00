using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Members;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>A run that a former coordinator led is taken over as it is: its hosts and replicas have time to reconnect.</summary>
/// <param name="until">Moment of the run's loop.</param>
/// <param name="isWaiting">False: there is nothing to wait for.</param>
/// <param name="cause">Why this coordinator leads now: a clause.</param>
internal sealed class Takeover(TimeSpan until, bool isWaiting, string cause, IncidentKind kind)
{
    /// <summary>Until then the leases of replicas that have not connected do not run.</summary>
    public TimeSpan Until { get; private set; } = until;

    /// <summary>While this holds, nothing is started and no generation is formed.</summary>
    public bool IsWaiting { get; private set; } = isWaiting;

    public string Cause => cause;

    public IncidentKind Kind => kind;

    public static int CountReconnected(ReplicaRoster roster) => roster.All.Count(replica => replica is { IsAwaited: false, IsLive: true });

    /// <summary>Some have not connected, and have time left.</summary>
    public bool Awaits(ReplicaRoster roster, TimeSpan now) =>
        now < Until && roster.All.Any(replica => replica is { IsAwaited: true, IsLive: true });

    public void End(TimeSpan now) => (IsWaiting, Until) = (false, now < Until ? now : Until);

    public void Extend(TimeSpan by) => Until += by;
}
