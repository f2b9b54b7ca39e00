using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ClipDistributed.Coordinator.Tests.Store;

/// <summary>Counts the times that records are read.</summary>
internal sealed class RecordReads : DbCommandInterceptor
{
    private int count;

    public int Count => Volatile.Read(ref count);

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default
    )
    {
        if (
            command.CommandText.StartsWith("SELECT", StringComparison.Ordinal)
            && command.CommandText.Contains("\"records\"", StringComparison.Ordinal)
        )
            Interlocked.Increment(ref count);
        return ValueTask.FromResult(result);
    }
}
