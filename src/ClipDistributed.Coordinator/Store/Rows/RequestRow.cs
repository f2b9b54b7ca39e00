namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table requests: a submission under an id that its client has chosen, and how it was answered.</summary>
internal sealed class RequestRow
{
    public required string RequestId { get; set; }

    /// <summary>SHA-256 of what was asked for.</summary>
    public required byte[] Digest { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Accepted { get; set; }

    public string JobId { get; set; } = "";

    public string RunId { get; set; } = "";

    /// <summary>One a line.</summary>
    public string Notices { get; set; } = "";
}
