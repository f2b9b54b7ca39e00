namespace ClipDistributed.Training.Embedding;

/// <summary>At most 128 images.</summary>
/// <param name="Ids">A file's path, or a shard's path, # and the row from 0.</param>
/// <param name="Images">RGB, [3, size, size] each.</param>
/// <param name="Damage">A line for each thing that was left out.</param>
/// <param name="Damaged">Images that were left out.</param>
public sealed record ImagePiece(IReadOnlyList<string> Ids, IReadOnlyList<byte[]> Images, IReadOnlyList<string> Damage, long Damaged);
