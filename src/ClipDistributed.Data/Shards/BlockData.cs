namespace ClipDistributed.Data.Shards;

/// <summary>The rows of one block, column by column; all arrays have one element a row.</summary>
/// <param name="Images">Encoded images; null: the row has none, or images were not asked for.</param>
/// <param name="Captions">Invalid UTF-8 is read as U+FFFD; null: the row has none, or captions were not asked for.</param>
/// <param name="Labels">Whole numbers as decimal digits, names as they are; null: not asked for, or no such column.</param>
public sealed record BlockData(byte[]?[] Images, string?[] Captions, string?[]? Labels)
{
    /// <summary>The labels are stored as numbers, not as text.</summary>
    public bool LabelsAreNumbers { get; init; }

    public int Rows => Images.Length;
}
