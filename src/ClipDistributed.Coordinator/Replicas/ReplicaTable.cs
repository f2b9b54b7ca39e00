using System.Collections.Concurrent;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The replicas that should be running, and where to post events of each. Thread-safe.</summary>
internal sealed class ReplicaTable
{
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <param name="credential">Of its calls; null: it makes none.</param>
    /// <param name="post">Receives its events; never blocks.</param>
    public void Add(string replicaId, string runId, string host, ReplicaCredential? credential, Action<ReplicaEvent> post) =>
        entries[replicaId] = new Entry(runId, host, credential, post);

    public void Remove(string replicaId) => entries.TryRemove(replicaId, out _);

    public bool Knows(string replicaId) => entries.ContainsKey(replicaId);

    public bool Knows(string replicaId, string runId) => entries.TryGetValue(replicaId, out var entry) && entry.RunId == runId;

    /// <summary>A call with this secret is that replica's.</summary>
    public bool IsAuthentic(string replicaId, ReadOnlySpan<byte> secret) =>
        entries.TryGetValue(replicaId, out var entry) && entry.Credential?.IsAuthentic(secret) == true;

    /// <summary>Secrets that are due.</summary>
    public IEnumerable<SecretRenewal> Renewals() => entries.Values.Select(entry => entry.Credential?.Next()).OfType<SecretRenewal>();

    /// <summary>Sends a secret that is stored.</summary>
    public void Offer(SecretRenewal renewal)
    {
        if (!entries.TryGetValue(renewal.ReplicaId, out var entry))
            return;
        lock (entry)
            entry.Credential!.Offer(renewal, entry.Link);
    }

    public IReadOnlyList<string> OnHost(string host) => [.. entries.Where(entry => entry.Value.Host == host).Select(entry => entry.Key)];

    /// <summary>The host that runs it; null: no such replica should be running.</summary>
    public string? HostOf(string replicaId) => entries.TryGetValue(replicaId, out var entry) ? entry.Host : null;

    /// <summary>Its open call; null: there is none.</summary>
    public ReplicaLink? LinkOf(string replicaId) => entries.TryGetValue(replicaId, out var entry) ? entry.Link : null;

    /// <summary>
    /// A replica's new call replaces the one before, which is closed. False: this call is outdated, a later one was admitted before.
    /// </summary>
    public bool Admit(ReplicaEvent.Connected connected)
    {
        if (!entries.TryGetValue(connected.ReplicaId, out var entry))
            return false;
        ReplicaLink? former;
        lock (entry)
        {
            if (connected.Hello.Connection <= entry.Connection)
                return false;
            // In this order: who asks whether it is awaited, and then whether it is there, hears one of both.
            (former, entry.Link, entry.Connection) = (entry.Link, connected.Link, connected.Hello.Connection);
            entry.Credential?.OnLinked();
            entry.Post(connected); // in the order in which they came
        }
        former?.Close();
        return true;
    }

    /// <summary>A replica's call has ended; a later one that has replaced it stays.</summary>
    public void Release(string replicaId, ReplicaLink link)
    {
        if (!entries.TryGetValue(replicaId, out var entry))
            return;
        lock (entry)
        {
            if (entry.Link == link)
            {
                entry.Link = null;
                entry.Credential?.OnUnlinked();
            }
            entry.Post(new ReplicaEvent.LinkLost(replicaId, link));
        }
    }

    /// <summary>A replica that runs on this host has an open call.</summary>
    public bool HasLinkOn(string host) => entries.Values.Any(entry => entry.Host == host && entry.Link is not null);

    /// <summary>A replica that runs on this host has not called this coordinator yet.</summary>
    public bool AwaitsLinkOn(string host) =>
        entries.Values.Any(entry => entry is { Connection: 0, Credential: not null } && entry.Host == host);

    /// <summary>A replica has not called this coordinator yet.</summary>
    public bool Awaits(string replicaId) => entries.TryGetValue(replicaId, out var entry) && entry.Connection == 0;

    /// <summary>Events of unknown replicas are dropped.</summary>
    public void Post(string replicaId, ReplicaEvent happened)
    {
        if (entries.TryGetValue(replicaId, out var entry))
            entry.Post(happened);
    }

    private sealed class Entry(string runId, string host, ReplicaCredential? credential, Action<ReplicaEvent> post)
    {
        /// <summary>Counts the calls of its process.</summary>
        public long Connection { get; set; }

        /// <summary>Of its newest call; null: none is open.</summary>
        public ReplicaLink? Link { get; set; }

        public string RunId { get; } = runId;

        public string Host { get; } = host;

        public ReplicaCredential? Credential { get; } = credential;

        public Action<ReplicaEvent> Post { get; } = post;
    }
}
