namespace ClipDistributed.Coordinator.Control.Lists;

/// <summary>A part of a list.</summary>
/// <param name="Next">The token of the next page; empty: this is the last one.</param>
internal sealed record ListPage<T>(IReadOnlyList<T> Items, string Next);
