namespace ClipDistributed.Data.Images;

/// <summary>A file of a folder that is not taken as an image.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Reason">A few words that complete "the file …".</param>
public sealed record OtherFile(string Path, string Reason);
