namespace ClipDistributed.Data.Packing;

/// <summary>A picture that is to become a row.</summary>
/// <param name="Path">The file; empty: there is none.</param>
/// <param name="Name">
/// Its path below the given folder, with slashes: what messages call it, and what sorts it. Without a file: as the list has it.
/// </param>
/// <param name="Caption">Its text where that is known without opening another file; null: it is in a sidecar, or missing.</param>
/// <param name="Problem">Why it cannot become a row, as far as this is known without opening it; null: it may.</param>
/// <param name="Label">The number of its class; null: there are no classes, or it lies in none.</param>
/// <param name="Line">The line of the list that asks for it; null: no list does.</param>
/// <param name="Detail">What the problem is with, where the name does not say it.</param>
internal sealed record PackItem(
    string Path, string Name, string? Caption = null, string? Problem = null, int? Label = null, long? Line = null, string? Detail = null);
