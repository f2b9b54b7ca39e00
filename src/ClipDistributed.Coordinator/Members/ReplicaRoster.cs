using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Members;

/// <summary>The replicas of a run that are started, run, or were lost and are not released yet. Belongs to the run's loop.</summary>
internal sealed class ReplicaRoster
{
    private readonly List<Replica> replicas = [];
    private readonly Dictionary<string, Replica> byId = new(StringComparer.Ordinal);
    private readonly Dictionary<Replica, ReplicaRow> rows = []; // as stored

    /// <summary>In the order of their launches.</summary>
    public IReadOnlyList<Replica> All => replicas;

    /// <summary>Replicas that ended by themselves before they were ready, since the last one that was.</summary>
    public int StartupFailures { get; private set; }

    /// <summary>Evidence of the last of those, human-readable.</summary>
    public string LastStartupFailure { get; private set; } = "";

    /// <summary>A replica holds the state, or is reading it.</summary>
    public bool IsStateHeld => replicas.Exists(replica => replica.IsLive && (replica.Restores || replica.Applied >= 0));

    public Census TakeCensus() => Census.Of(replicas);

    public Replica? Find(string replicaId) => byId.GetValueOrDefault(replicaId);

    public void Add(Replica replica, ReplicaRow row)
    {
        replicas.Add(replica);
        byId[replica.ReplicaId] = replica;
        rows[replica] = row;
    }

    /// <returns>Its row in the store.</returns>
    public ReplicaRow Remove(Replica replica)
    {
        replicas.Remove(replica);
        byId.Remove(replica.ReplicaId);
        rows.Remove(replica, out var row);
        return row!;
    }

    public ReplicaRow RowOf(Replica replica) => rows[replica];

    /// <summary>A replica is ready.</summary>
    public void OnReady() => StartupFailures = 0;

    public void OnStartupFailure(Replica failed) =>
        (StartupFailures, LastStartupFailure) = (StartupFailures + 1, $"{failed.Described} {failed.Evidence}");
}
