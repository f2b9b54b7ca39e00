namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table generations.</summary>
internal sealed class GenerationRow
{
    public required string RunId { get; set; }

    /// <summary>From 1 within the run.</summary>
    public required long Number { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Announced { get; set; }

    /// <summary>The applied step that it started from.</summary>
    public required long StartStep { get; set; }

    /// <summary>Of the coordinator that announced it.</summary>
    public required long Term { get; set; }

    /// <summary>The replica of every rank, a line each.</summary>
    public required string Members { get; set; }

    /// <summary>The rows of every rank, a line each.</summary>
    public required string Shares { get; set; }
}
