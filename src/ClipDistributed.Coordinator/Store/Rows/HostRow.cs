namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table hosts.</summary>
internal sealed class HostRow
{
    public required string Name { get; set; }

    /// <summary>What it offered, an Offer as protobuf, without its secret.</summary>
    public required byte[] Offer { get; set; }

    /// <summary>SHA-256 of the secret of its process; empty: it is not known.</summary>
    public byte[] SecretHash { get; set; } = [];

    /// <summary>Of the token by which it was connected; empty: it is not known.</summary>
    public string TokenId { get; set; } = "";

    /// <summary>Its network address.</summary>
    public required string Peer { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Connected { get; set; }

    /// <summary>UTC; null: it was connected.</summary>
    public DateTime? Lost { get; set; }

    /// <summary>It was drained.</summary>
    public bool WasDrained { get; set; }
}
