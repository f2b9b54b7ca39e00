namespace ClipDistributed.Benchmarks.Load;

/// <summary>A row of the table: a figure and what it may be.</summary>
internal sealed record LoadRow(string What, string Measured, string Bound, bool IsMet);
