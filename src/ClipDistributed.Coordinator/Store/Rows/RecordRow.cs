namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table records.</summary>
internal sealed class RecordRow
{
    public required string RunId { get; set; }

    /// <summary>From 1 within the run.</summary>
    public required long Sequence { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Time { get; set; }

    /// <summary>A RunRecord, or a google.protobuf.Struct of an older coordinator; <see cref="StoredRecord"/> reads both.</summary>
    public required byte[] Record { get; set; }

    /// <summary>Its sender; empty: the coordinator.</summary>
    public string ReplicaId { get; set; } = "";

    /// <summary>Of its sender.</summary>
    public long Generation { get; set; }

    /// <summary>Counts the records of that replica and generation from 1.</summary>
    public long Number { get; set; }
}
