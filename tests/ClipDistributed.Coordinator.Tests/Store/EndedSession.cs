using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace ClipDistributed.Coordinator.Tests.Store;

/// <summary>The server ends a session in the middle of a transaction, as it does with one that stands still in it.</summary>
internal sealed class EndedSession(string connection) : DbTransactionInterceptor
{
    /// <summary>Once, before the next commit.</summary>
    public bool IsDue { get; set; }

    public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction,
        TransactionEventData eventData,
        InterceptionResult result,
        CancellationToken cancellationToken = default
    )
    {
        if (!IsDue)
            return result;
        IsDue = false;
        await using var other = new NpgsqlConnection($"{connection};Pooling=false");
        await other.OpenAsync(cancellationToken);
        await using var command = other.CreateCommand();
        command.CommandText = $"SELECT pg_terminate_backend({((NpgsqlConnection)transaction.Connection!).ProcessID}, 5000)";
        Assert.Equal(true, await command.ExecuteScalarAsync(cancellationToken));
        return result;
    }
}
