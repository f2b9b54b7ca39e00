using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Of a host that replicas of a run are on: who sends nothing now, before anything is concluded from that.</summary>
/// <param name="Since">When the host was last heard; null: it is heard now.</param>
/// <param name="Why">The host is silent, as in <c>its connection broke</c>; empty: it is not.</param>
/// <param name="Silent">Its replicas that are not heard.</param>
/// <param name="Heard">Its other replicas.</param>
internal sealed record SilentHost(
    string Host, DateTimeOffset? Since, string Why, IReadOnlyList<RunReplica> Silent, IReadOnlyList<RunReplica> Heard)
{
    /// <summary>As in <c>host b has been silent for 12 s (its connection broke), with demo-1-r1 (rank 1)</c>.</summary>
    public string Clause(DateTimeOffset now)
    {
        if (Since is not { } since)
            return $"{Names(Silent)} on host {Host} {(Silent.Count == 1 ? "sends" : "send")} nothing";
        string with = Silent.Count > 0 ? $", with {Names(Silent)}" : "";
        string heard = Heard.Count > 0 ? $"; {Names(Heard)} there still {(Heard.Count == 1 ? "answers" : "answer")}" : "";
        return $"host {Host} has been silent for {Lasted(now - since)} ({Why}){with}{heard}";
    }

    private static string Names(IEnumerable<RunReplica> replicas) =>
        string.Join(", ", replicas.Select(replica => $"{replica.ReplicaId} (rank {replica.Rank})"));

    private static string Lasted(TimeSpan time) =>
        time < TimeSpan.FromMinutes(2) ? $"{Math.Max(0, (int)time.TotalSeconds)} s" : $"{(int)time.TotalMinutes} min";
}
