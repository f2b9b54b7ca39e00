namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table audit; texts as they are shown.</summary>
internal sealed class AuditRow
{
    /// <summary>In the order of their ends.</summary>
    public long Place { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Time { get; set; }

    /// <summary>Nothing was changed, or the caller is not known: such rows, which it can cause at will, are bounded apart from the
    /// others.</summary>
    public required bool IsRefused { get; set; }

    public required string Owner { get; set; }

    public required string TokenId { get; set; }

    public required string Role { get; set; }

    public required string Address { get; set; }

    public required string Verb { get; set; }

    public required string Target { get; set; }

    public required string Result { get; set; }

    /// <summary>That the call gave, as in <c>min_replicas=2</c>; empty: none, or it is not known.</summary>
    public string Values { get; set; } = "";
}
