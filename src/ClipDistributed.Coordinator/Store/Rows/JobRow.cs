namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table jobs.</summary>
internal sealed class JobRow
{
    public required string JobId { get; set; }

    /// <summary>The spec's name; several jobs may have the same.</summary>
    public required string Name { get; set; }

    public required string RunDirectory { get; set; }

    /// <summary>Who has submitted it, most recently; empty: it is not known.</summary>
    public string Owner { get; set; } = "";

    /// <summary>UTC.</summary>
    public required DateTime Submitted { get; set; }

    /// <summary>The TrainingSpec with all its values, as protobuf.</summary>
    public required byte[] Spec { get; set; }

    /// <summary>Of the data as it was when the job was submitted: rows of every shard, 64-bit little-endian.</summary>
    public byte[] ShardRows { get; set; } = [];

    /// <summary>Of the order of samples.</summary>
    public int Streams { get; set; }

    /// <summary>Of the order of samples.</summary>
    public int ShuffleBlock { get; set; }

    /// <summary>Rows of the global batch that one replica computes together.</summary>
    public int ShareUnit { get; set; }
}
