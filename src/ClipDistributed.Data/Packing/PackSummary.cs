namespace ClipDistributed.Data.Packing;

/// <summary>What a packed folder holds.</summary>
/// <param name="Shards">Parquet files.</param>
/// <param name="Rows">Images with captions in them.</param>
/// <param name="ImageBytes">Of the stored images.</param>
/// <param name="RowsOfBefore">Rows that an earlier run had packed already.</param>
/// <param name="Captions">Where they come from, in words.</param>
/// <param name="Classes">How many; null: there are no labels.</param>
/// <param name="Skipped">Images left out, by reason.</param>
/// <param name="Examples">The first of them, with their reasons.</param>
public sealed record PackSummary(
    int Shards, long Rows, long ImageBytes, long RowsOfBefore, string Captions, int? Classes, IReadOnlyDictionary<string, int> Skipped, IReadOnlyList<string> Examples);
