namespace ClipDistributed.TestKit.ObjectStores;

/// <summary>Of the S3 server, to one request.</summary>
public sealed record Answer(int Status)
{
    public byte[] Body { get; init; } = [];

    public string Type { get; init; } = "application/octet-stream";

    public string? ETag { get; init; }
}
