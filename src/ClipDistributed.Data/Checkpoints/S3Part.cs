namespace ClipDistributed.Data.Checkpoints;

/// <summary>A part of a file that is sent to S3 in parts.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Path">Of the file.</param>
/// <param name="Offset">Where the part begins in the file.</param>
public sealed record S3Part(int Number, string Path, long Offset, long Bytes);
