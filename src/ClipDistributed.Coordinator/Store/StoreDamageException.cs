namespace ClipDistributed.Coordinator.Store;

/// <summary>The database is there, and what is in it cannot be read.</summary>
/// <param name="what">A clause.</param>
internal sealed class StoreDamageException(string what) : Exception(what);
