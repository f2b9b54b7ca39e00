namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>The one row of the table coordinator: the leader.</summary>
internal sealed class CoordinatorRow
{
    public int Id { get; set; }

    /// <summary>Counts the coordinators that have owned the store, one after the other.</summary>
    public long Term { get; set; }

    /// <summary>The coordinator of that term, by a unique name; empty: it has resigned.</summary>
    public string Holder { get; set; } = "";

    /// <summary>Where it is reached, as in http://10.0.0.1:7071; empty: not known yet.</summary>
    public string Address { get; set; } = "";

    /// <summary>Counts its heartbeats.</summary>
    public long Heartbeats { get; set; }

    /// <summary>Of the last heartbeat, by its own clock, UTC: human-readable only, no decision goes by it.</summary>
    public DateTime? Renewed { get; set; }
}
