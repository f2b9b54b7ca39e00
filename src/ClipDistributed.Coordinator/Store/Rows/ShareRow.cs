namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>
/// A row of the table shares: the shares of a generation from a step on, where they differ from those that it began with.
/// </summary>
internal sealed class ShareRow
{
    public required string RunId { get; set; }

    public required long Generation { get; set; }

    public required long FirstStep { get; set; }

    /// <summary>The rows of every rank, a line each.</summary>
    public required string Shares { get; set; }

    /// <summary>Why they changed, human-readable; empty: a former version of this program has changed them.</summary>
    public string Reason { get; set; } = "";
}
