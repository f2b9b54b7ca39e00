namespace ClipDistributed.Data.Packing.Lists;

/// <summary>A row of separated values.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Values">At least one.</param>
/// <param name="HasOpenQuote">A value begins with a quote that does not close before a separator or the line's end.</param>
internal sealed record SeparatedRow(long Line, List<string> Values, bool HasOpenQuote);
