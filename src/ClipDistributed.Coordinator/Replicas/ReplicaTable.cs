using System.Collections.Concurrent;
using ClipDistributed.Coordinator.Runs;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The replicas that should be running, and where news of each belongs. Thread-safe.</summary>
internal sealed class ReplicaTable
{
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <param name="secretHash">Of what it shows with its calls; empty: it makes none.</param>
    /// <param name="post">Takes news of it; never blocks.</param>
    public void Add(string replicaId, string runId, string host, byte[] secretHash, Action<RunInput> post) =>
        entries[replicaId] = new Entry(runId, host, secretHash, post);

    public void Remove(string replicaId) => entries.TryRemove(replicaId, out _);

    public bool Knows(string replicaId) => entries.ContainsKey(replicaId);

    public bool Knows(string replicaId, string runId) => entries.TryGetValue(replicaId, out var entry) && entry.RunId == runId;

    /// <summary>The caller that shows this secret is that replica.</summary>
    public bool IsShownBy(string replicaId, ReadOnlySpan<byte> secret) =>
        entries.TryGetValue(replicaId, out var entry) && ReplicaSecret.IsOf(entry.SecretHash, secret);

    public IReadOnlyList<string> OnHost(string host) => [.. entries.Where(entry => entry.Value.Host == host).Select(entry => entry.Key)];

    /// <summary>The host that runs it; null: no such replica should be running.</summary>
    public string? HostOf(string replicaId) => entries.TryGetValue(replicaId, out var entry) ? entry.Host : null;

    /// <summary>
    /// A replica's new call takes the place of the one before, which is closed. False: it has left this call behind, a later one of it came
    /// first.
    /// </summary>
    public bool Admit(RunInput.ReplicaGreeted greeted)
    {
        if (!entries.TryGetValue(greeted.ReplicaId, out var entry))
            return false;
        ReplicaLink? former;
        lock (entry)
        {
            if (greeted.Hello.Connection <= entry.Connection)
                return false;
            (entry.Connection, former, entry.Link) = (greeted.Hello.Connection, entry.Link, greeted.Link);
            entry.Post(greeted); // in the order in which they came
        }
        former?.Close();
        return true;
    }

    /// <summary>News of a replica that nobody waits for any more is dropped.</summary>
    public void Post(string replicaId, RunInput input)
    {
        if (entries.TryGetValue(replicaId, out var entry))
            entry.Post(input);
    }

    private sealed class Entry(string runId, string host, byte[] secretHash, Action<RunInput> post)
    {
        /// <summary>Counts the calls of its process.</summary>
        public long Connection { get; set; }

        /// <summary>Of its newest call; null: none came.</summary>
        public ReplicaLink? Link { get; set; }

        public string RunId { get; } = runId;

        public string Host { get; } = host;

        public byte[] SecretHash { get; } = secretHash;

        public Action<RunInput> Post { get; } = post;
    }
}
