using System.Collections.Concurrent;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>The worker hosts that were lost, by this coordinator or by one before it. Thread-safe.</summary>
internal sealed class LostHosts(ReplicaTable replicas, CoordinatorOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, LostHost> lost = new(StringComparer.Ordinal);

    /// <summary>By name; some may be connected again.</summary>
    public IEnumerable<LostHost> Recent =>
        lost
            .Values.Where(former => time.GetUtcNow() - former.At < options.Limits.LostHostAge)
            .OrderBy(former => former.Host.Offer.Host, StringComparer.Ordinal);

    /// <returns>Null: it was not lost, or is forgotten.</returns>
    public LostHost? Find(string host) => lost.GetValueOrDefault(host);

    /// <summary>Of too many, those that were lost first are forgotten.</summary>
    public void Remember(LostHost former)
    {
        lost[former.Host.Offer.Host] = former;
        foreach (var old in lost.Values.Where(other => time.GetUtcNow() - other.At >= options.Limits.LostHostAge).ToList())
            lost.TryRemove(old.Host.Offer.Host, out _);
        // A host's secret is kept for as long as its replicas run: flooding this list cannot free its name.
        while (
            lost.Count > options.Limits.LostHosts
            && lost.Values.Where(other => !replicas.HasLinkOn(other.Host.Offer.Host)).MinBy(other => other.At) is { } oldest
        )
            lost.TryRemove(oldest.Host.Offer.Host, out _);
    }

    /// <summary>It is connected again.</summary>
    public void Forget(string host) => lost.TryRemove(host, out _);

    /// <summary>Replicas of the name's former process have open calls; those of a coordinator before this one get a while to
    /// connect.</summary>
    /// <param name="waited">For so long the host has asked for its name.</param>
    public bool HasReplicasOfAnother(ConnectedHost host, TimeSpan waited)
    {
        string name = host.Offer.Host;
        if (!lost.TryGetValue(name, out var former) || former.Host.SecretHash.Length == 0 || former.Host.IsSameProcess(host))
            return false;
        bool isAwaited = replicas.AwaitsLinkOn(name) && waited < options.HostTimeout; // asked first: it may connect meanwhile
        return isAwaited || replicas.HasLinkOn(name);
    }
}
