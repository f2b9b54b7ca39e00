using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>A store that cannot be written now and then, and a process that dies right before or right after it has written.</summary>
internal sealed class StoreFaults : DbTransactionInterceptor
{
    /// <summary>Asked before each commit; true: it fails.</summary>
    public Func<bool> IsAway { get; set; } = () => false;

    /// <summary>Asked after each commit; true: that it was made is not heard.</summary>
    public Func<bool> LosesAnswer { get; set; } = () => false;

    /// <summary>Asked before each commit; true: the process ends.</summary>
    public Func<bool> DiesBefore { get; set; } = () => false;

    /// <summary>Asked after each commit; true: the process ends.</summary>
    public Func<bool> DiesAfter { get; set; } = () => false;

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (DiesBefore())
            throw new OperationCanceledException();
        return IsAway() ? throw new SqliteException("the disk is full", SQLitePCL.raw.SQLITE_FULL) : ValueTask.FromResult(result);
    }

    /// <summary>Is told of each commit.</summary>
    public Action Committed { get; init; } = () => { };

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Committed();
        return DiesAfter() ? throw new OperationCanceledException()
            : LosesAnswer() ? throw new SqliteException("the disk failed", SQLitePCL.raw.SQLITE_IOERR)
            : Task.CompletedTask;
    }
}
