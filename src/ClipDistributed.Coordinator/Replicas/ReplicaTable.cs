using System.Collections.Concurrent;
using ClipDistributed.Coordinator.Runs;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The replicas that should be running, and where news of each belongs. Thread-safe.</summary>
internal sealed class ReplicaTable
{
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <param name="post">Takes news of it; never blocks.</param>
    public void Add(string replicaId, string runId, string host, Action<RunInput> post) => entries[replicaId] = new Entry(runId, host, post);

    public void Remove(string replicaId) => entries.TryRemove(replicaId, out _);

    public bool Knows(string replicaId) => entries.ContainsKey(replicaId);

    public bool Knows(string replicaId, string runId) => entries.TryGetValue(replicaId, out var entry) && entry.RunId == runId;

    public IReadOnlyList<string> OnHost(string host) => [.. entries.Where(entry => entry.Value.Host == host).Select(entry => entry.Key)];

    /// <summary>False: the replica has left this call behind, a later one of it came first.</summary>
    /// <param name="connection">Counts the calls of its process.</param>
    public bool IsLatest(string replicaId, long connection)
    {
        if (!entries.TryGetValue(replicaId, out var entry))
            return false;
        long last;
        do
        {
            last = Interlocked.Read(ref entry.Connection);
            if (connection <= last)
                return false;
        }
        while (Interlocked.CompareExchange(ref entry.Connection, connection, last) != last);
        return true;
    }

    /// <summary>News of a replica that nobody waits for any more is dropped.</summary>
    public void Post(string replicaId, RunInput input)
    {
        if (entries.TryGetValue(replicaId, out var entry))
            entry.Post(input);
    }

    private sealed class Entry(string runId, string host, Action<RunInput> post)
    {
        public long Connection;

        public string RunId { get; } = runId;

        public string Host { get; } = host;

        public Action<RunInput> Post { get; } = post;
    }
}
