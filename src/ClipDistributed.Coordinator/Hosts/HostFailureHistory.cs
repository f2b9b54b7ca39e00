using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// The recent failures of one host, and until when it therefore gets no replicas. After one loss it gets others at once; after the next
/// ones it backs off, twice as long after each; after too many it is quarantined, each time twice as long, up to an hour. Without
/// further losses that decays again, step by step. Moments are of a monotonic clock.
/// </summary>
/// <param name="max">Losses within a window that quarantine it; 0: it is never closed.</param>
internal sealed class HostFailureHistory(int max)
{
    /// <summary>A loss counts for so long; so long without one makes the next quarantine half as long.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan First = TimeSpan.FromMinutes(1), MaxQuarantine = TimeSpan.FromHours(1);

    private static readonly TimeSpan MaxBackoff = TimeSpan.FromMinutes(1);

    /// <summary>Older losses have no effect.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(3);

    private readonly List<TimeSpan> losses = [];
    private int quarantines; // that have not decayed
    private string lastCause = "";

    public TimeSpan ClosedUntil { get; private set; }

    /// <summary>It is closed by a quarantine, not by a backoff.</summary>
    public bool IsQuarantined { get; private set; }

    /// <summary>Why it was quarantined last, human-readable.</summary>
    public string Evidence { get; private set; } = "";

    /// <summary>A replica was lost.</summary>
    /// <param name="cause">What the loss ended: a generation of a run, for example. The same cause again is not another loss.</param>
    /// <param name="evidence">Human-readable.</param>
    /// <returns>True: the host is quarantined for it.</returns>
    public bool Record(string cause, string evidence, TimeSpan now)
    {
        if (max == 0 || cause == lastCause)
            return false;
        Decay(now);
        lastCause = cause;
        losses.Add(now);
        IsQuarantined = losses.Count >= max || quarantines > 0;
        if (IsQuarantined)
        {
            ClosedUntil = now + Doubled(First, quarantines++, MaxQuarantine);
            string counted = Counted.Plain(losses.Count, "loss", "losses");
            Evidence = $"{counted} of replicas within {Window.TotalMinutes:0} minutes, the last: {evidence}";
        }
        else
        {
            ClosedUntil = now + (losses.Count == 1 ? TimeSpan.Zero : Doubled(TimeSpan.FromSeconds(1), losses.Count - 2, MaxBackoff));
        }
        return IsQuarantined;
    }

    private void Decay(TimeSpan now)
    {
        var since = losses.Count > 0 && losses[^1] > ClosedUntil ? losses[^1] : ClosedUntil;
        if (now > since)
            quarantines = Math.Max(0, quarantines - (int)((now - since) / Window));
        losses.RemoveAll(loss => now - loss > Window);
    }

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan limit) =>
        times >= 6 || first * (1 << times) > limit ? limit : first * (1 << times);
}
