using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ClipDistributed.Coordinator.Store;

/// <summary>What a transaction wrote is on the disk when it ends, also where the power fails.</summary>
internal sealed class DurableConnections : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL;";
        command.ExecuteNonQuery();
    }

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData); // SQLite knows no asynchronous calls
        return Task.CompletedTask;
    }
}
