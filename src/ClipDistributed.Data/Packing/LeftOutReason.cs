namespace ClipDistributed.Data.Packing;

/// <summary>Items left out for one reason.</summary>
/// <param name="Count">How many.</param>
/// <param name="Examples">The names of the first few.</param>
public sealed record LeftOutReason(int Count, IReadOnlyList<string> Examples)
{
    private const int MaxExamples = 3;

    internal LeftOutReason With(string example) => new(Count + 1, Examples.Count < MaxExamples ? [.. Examples, example] : Examples);
}
