using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Samples;

/// <summary>What is found at a row of the dataset.</summary>
/// <param name="Id">The row.</param>
/// <param name="Image">The encoded image.</param>
/// <param name="Caption">Its text.</param>
/// <param name="Damage">Why the row cannot be used, in words; null: it can, and image and caption are there.</param>
public sealed record StoredRow(SampleId Id, byte[]? Image, string? Caption, string? Damage);
