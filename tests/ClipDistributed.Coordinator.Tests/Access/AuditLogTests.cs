using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Coordinator.Tests.Access;

public sealed class AuditLogTests
{
    [Fact]
    public async Task List_StoreIsUnavailable_EntriesAreSavedAfterwardsWithoutAnother()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        using var store = RunStore.Open(options);
        using var audit = new AuditLog(store, null!, options, TimeProvider.System, NullLogger<AuditLog>.Instance);
        audit.Add(Principal.Stranger("a"), "StopRun", "demo-1", StatusCode.Unauthenticated);
        await using (var other = new SqliteConnection($"Data Source={folder.File("coordinator.db")};Pooling=False"))
        {
            await other.OpenAsync(cancel);
            await using var locked = other.BeginTransaction();
            var failed = await Assert.ThrowsAnyAsync<Exception>(() => audit.ListAsync(new AuditFilter(), true, null, 1, cancel));
            Assert.True(store.IsUnavailable(failed));
        }

        await audit.StartAsync(cancel);

        var saved = new AuditStore(store, 10);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TestCoordinator.Patience);
        while ((await saved.ListAsync(new AuditFilter(), true, null, 1, cancel)).Count == 0)
            await Task.Delay(20, patience.Token);
        await audit.StopAsync(cancel);
    }
}
