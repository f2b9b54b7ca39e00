namespace ClipDistributed.Coordinator.Control.Lists;

/// <summary>The part of a list that a client asks for.</summary>
/// <param name="Size">Items at most; 0: as many as is usual.</param>
/// <param name="Token">That came with the page before; empty: the first page.</param>
/// <param name="OrderBy">As in <c>name desc</c>; empty: the list's own order.</param>
/// <param name="Filter">What else the client asked for: all pages are of the same list.</param>
internal sealed record PageRequest(int Size, string Token, string OrderBy, string Filter = "");
