using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace ClipDistributed.Coordinator.Tests.Store;

/// <summary>A transaction is made, and the connection breaks before that is heard.</summary>
internal sealed class LostResponse : DbTransactionInterceptor
{
    /// <summary>Once, the next time.</summary>
    public bool IsDue { get; set; }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction,
        TransactionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        bool strikes = IsDue;
        IsDue = false;
        return !strikes
            ? Task.CompletedTask
            : throw (
                transaction is SqliteTransaction
                    ? new SqliteException("disk I/O error", SQLitePCL.raw.SQLITE_IOERR)
                    : new NpgsqlException("the connection broke", new IOException())
            );
    }
}
