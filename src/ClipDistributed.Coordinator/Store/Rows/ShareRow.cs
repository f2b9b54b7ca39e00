namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table shares: how a generation cuts the batch from a step on, where that is not as it began.</summary>
internal sealed class ShareRow
{
    public required string RunId { get; set; }

    public required long Generation { get; set; }

    public required long FirstStep { get; set; }

    /// <summary>The rows of every rank, a line each.</summary>
    public required string Shares { get; set; }
}
