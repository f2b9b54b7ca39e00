using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// Who of a run's hosts and replicas is not heard now. Its loop concludes something from that after a while alone; people see at once what
/// is known. Thread-safe.
/// </summary>
internal sealed class SilentHosts(
    HostRegistry registry, LostHosts lostHosts, ReplicaTable replicas, HostTokens tokens, CoordinatorOptions options, TimeProvider time)
{
    /// <returns>By their names; empty where all are heard, and of a run that has ended.</returns>
    public IReadOnlyList<SilentHost> Of(Run run) =>
    [
        .. run.Replicas.Where(replica => replicas.Knows(replica.ReplicaId)) // the others are known to be gone
            .GroupBy(replica => replica.Host).OrderBy(host => host.Key, StringComparer.Ordinal)
            .Select(host => Of(host.Key, [.. host])).Where(host => host.Since is not null || host.Silent.Count > 0),
    ];

    /// <summary>As people see it: with who is not heard now among its reasons.</summary>
    public Run Shown(Run run)
    {
        var silent = Of(run);
        if (silent.Count == 0)
            return run;
        var now = time.GetUtcNow();
        var shown = run.Clone();
        shown.Reason = string.Join("; ", silent.Select(host => host.Clause(now)).Prepend(run.Reason).Where(reason => reason != ""));
        return shown;
    }

    private SilentHost Of(string host, IReadOnlyList<RunReplica> members)
    {
        var (since, why) = SilenceOf(host);
        var heard = members.Where(member => IsHeard(member.ReplicaId)).ToList();
        return new SilentHost(host, since, why, [.. members.Except(heard)], heard);
    }

    /// <summary>Or it was this coordinator that was away: one that computed before that has a while to find it again.</summary>
    private bool IsHeard(string replicaId) => replicas.LinkOf(replicaId) is { } link
        ? !IsOver(link.LastMessageAt) : registry.AwaitsFormer && replicas.Awaits(replicaId);

    private (DateTimeOffset? Since, string Why) SilenceOf(string host)
    {
        if (registry.Find(host) is { } connected)
        {
            return connected.LastMessageAt > 0 && IsOver(connected.LastMessageAt)
                ? (time.GetUtcNow() - time.GetElapsedTime(connected.LastMessageAt), "no heartbeat comes, though its connection is open")
                : (null, "");
        }
        if (lostHosts.Find(host) is not { } lost)
            return (null, "");
        if (lost.IsAwaited && registry.AwaitsFormer)
            return (null, "");
        string broke = lost.IsAwaited ? "it has not connected since the coordinator was restarted" : "its connection broke";
        return (lost.At, tokens.RefusalOf(lost.Host) ?? broke);
    }

    private bool IsOver(long lastMessageAt) => time.GetElapsedTime(Math.Max(lastMessageAt, registry.AwakeSince)) >= options.ReplicaLease;
}
