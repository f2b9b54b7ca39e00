namespace ClipDistributed.Contracts.Pickles;

/// <summary>A file of a zip archive as its directory has it.</summary>
/// <param name="Method">0: stored as it is.</param>
/// <param name="Stored">Bytes in the archive.</param>
/// <param name="Length">Bytes of the file.</param>
/// <param name="Header">Where its local header begins.</param>
internal sealed record ZipEntry(string Name, int Method, bool Encrypted, long Stored, long Length, long Header);
