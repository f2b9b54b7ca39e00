using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClipDistributed.TestKit.Simulation.Stores;

/// <summary>A store that cannot be written now and then, and a process that dies right before or right after it has written.</summary>
internal sealed class StoreFaults
{
    /// <summary>Asked before each commit; true: it fails.</summary>
    public Func<bool> IsUnavailable { get; set; } = () => false;

    /// <summary>Asked after each commit; true: that it was made is not heard.</summary>
    public Func<bool> LosesResponse { get; set; } = () => false;

    /// <summary>Asked before each commit; true: the process ends.</summary>
    public Func<bool> DiesBefore { get; set; } = () => false;

    /// <summary>Asked after each commit; true: the process ends.</summary>
    public Func<bool> DiesAfter { get; set; } = () => false;

    /// <summary>Called at each commit.</summary>
    public Action Committed { get; init; } = () => { };

    public void BeforeCommit()
    {
        if (DiesBefore())
            throw new OperationCanceledException();
        if (IsUnavailable())
            throw new SqliteException("the disk is full", raw.SQLITE_FULL);
    }

    public void AfterCommit()
    {
        Committed();
        if (DiesAfter())
            throw new OperationCanceledException();
        if (LosesResponse())
            throw new SqliteException("the disk failed", raw.SQLITE_IOERR);
    }

    /// <summary>One of these, after which a write is tried again.</summary>
    public static bool IsOne(Exception failed) => failed is SqliteException { SqliteErrorCode: raw.SQLITE_FULL or raw.SQLITE_IOERR };
}
