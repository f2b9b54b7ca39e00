namespace ClipDistributed.Data.Packing;

/// <summary>Items left out for one reason.</summary>
/// <param name="Count">How many.</param>
/// <param name="Examples">The names of the first few.</param>
public sealed record LeftOutReason(int Count, IReadOnlyList<string> Examples)
{
    private const int MaxExamples = 3;

    /// <summary>Those of them that are rows of the user's list.</summary>
    public int Rows { get; init; }

    internal LeftOutReason With(string example, bool isRow) =>
        new(Count + 1, Examples.Count < MaxExamples ? [.. Examples, example] : Examples) { Rows = Rows + (isRow ? 1 : 0) };
}
