namespace ClipDistributed.Data.Preparation;

/// <summary>A later generation of the run writes to its directory now. Waiting does not change that.</summary>
public sealed class DirectorySupersededException(string detail) : IOException(detail);
