namespace ClipDistributed.Data.Packing.Lists;

/// <summary>Where the image is that a list names.</summary>
/// <param name="Path">Its full path; null: there is a problem.</param>
/// <param name="Problem">Completes "the row …".</param>
/// <param name="Detail">What the problem is with, where the row does not say it.</param>
internal readonly record struct FoundImage(string? Path, string? Problem = null, string? Detail = null);
