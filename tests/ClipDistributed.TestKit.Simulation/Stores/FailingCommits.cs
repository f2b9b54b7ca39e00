using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ClipDistributed.TestKit.Simulation.Stores;

/// <summary>The faults of a store, at the commits of a database.</summary>
internal sealed class FailingCommits(StoreFaults faults) : DbTransactionInterceptor
{
    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction,
        TransactionEventData eventData,
        InterceptionResult result,
        CancellationToken cancellationToken = default
    )
    {
        faults.BeforeCommit();
        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction,
        TransactionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        faults.AfterCommit();
        return Task.CompletedTask;
    }
}
