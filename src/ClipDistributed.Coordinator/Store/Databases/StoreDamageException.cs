namespace ClipDistributed.Coordinator.Store.Databases;

/// <summary>The database exists, but its content cannot be read.</summary>
/// <param name="what">A clause.</param>
internal sealed class StoreDamageException(string what) : Exception(what);
