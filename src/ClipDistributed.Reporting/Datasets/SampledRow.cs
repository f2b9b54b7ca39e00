namespace ClipDistributed.Reporting.Datasets;

/// <summary>One row of a dataset, looked at.</summary>
/// <param name="Image">Encoded; null where the row has none.</param>
/// <param name="Caption">Null where the row has none.</param>
/// <param name="Label">Null where the row or the dataset has none.</param>
public sealed record SampledRow(byte[]? Image, string? Caption, string? Label);
