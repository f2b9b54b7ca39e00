namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table rollups: the metrics of neighbouring steps of one attempt, whose records lie in the table records.</summary>
internal sealed class RollupRow
{
    public required string RunId { get; set; }

    /// <summary>Steps of a full one.</summary>
    public required int Width { get; set; }

    /// <summary>Its steps, less one, divided by the width.</summary>
    public required long Bucket { get; set; }

    /// <summary>Of the record of its first step.</summary>
    public required long FirstSequence { get; set; }

    /// <summary>Of the record of its last step.</summary>
    public required long LastSequence { get; set; }

    public required long Attempt { get; set; }

    /// <summary>A MetricSummary.</summary>
    public required byte[] Summary { get; set; }
}
