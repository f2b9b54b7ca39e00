namespace ClipDistributed.TestKit.ParquetFiles;

/// <summary>Where the pages of a chunk are said to be.</summary>
/// <param name="Grown">Bytes with their headers, not compressed.</param>
/// <param name="Length">Bytes in the file.</param>
/// <param name="Start">Bytes before them.</param>
public sealed record PageSpan(long Grown, long Length, long Start);
