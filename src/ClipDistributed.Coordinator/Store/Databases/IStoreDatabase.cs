using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store.Databases;

/// <summary>The database that a coordinator's tables lie in. Thread-safe.</summary>
internal interface IStoreDatabase : IDisposable
{
    /// <summary>With settings by which a committed transaction survives a power failure.</summary>
    DbContextOptions<CoordinatorDb> Options { get; }

    /// <summary>Human-readable, without secrets: a file, or a server and a database.</summary>
    string Name { get; }

    /// <summary>Several coordinators may share it, of which one leads; else this process uses it alone.</summary>
    bool IsShared { get; }

    /// <summary>Which migrations a database has that was made before there was a list of them; empty: all are listed, or it is
    /// new.</summary>
    /// <exception cref="Contracts.Errors.BadInputException">A later version has made it.</exception>
    IReadOnlyList<string> Unlisted(CoordinatorDb db);

    /// <summary>Damage that is found, as a clause; null: none.</summary>
    string? FindDamage(CoordinatorDb db);

    /// <summary>It cannot be reached or written just now: the operation can be retried. Other errors are bugs, or need an
    /// operator.</summary>
    bool IsUnavailable(Exception failed);
}
