using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store.Databases;

/// <summary>The database that a coordinator's tables lie in. Thread-safe.</summary>
internal interface IStoreDatabase : IDisposable
{
    /// <summary>With what is needed so that a transaction that has ended is on the disk, also where the power fails.</summary>
    DbContextOptions<CoordinatorDb> Options { get; }

    /// <summary>For people, without secrets: a file, or a server and a database.</summary>
    string Name { get; }

    /// <summary>Several coordinators may use it, of which one leads; else it is this process's alone.</summary>
    bool IsShared { get; }

    /// <summary>Which migrations a database has that was made before there was a list of them; empty: all are listed, or it is
    /// new.</summary>
    /// <exception cref="Contracts.Errors.BadInputException">A later program has made it.</exception>
    IReadOnlyList<string> Unlisted(CoordinatorDb db);

    /// <summary>What is damaged in it, as a clause; null: nothing that can be seen.</summary>
    string? FindDamage(CoordinatorDb db);

    /// <summary>It cannot be reached or written just now: what was tried can be tried again. Other errors are bugs, or need a
    /// person.</summary>
    bool IsAway(Exception failed);
}
