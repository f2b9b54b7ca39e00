namespace ClipDistributed.Contracts.Tls;

/// <summary>A file, and the option that named it, which begins errors.</summary>
public sealed record NamedFile(string Path, string Option);
