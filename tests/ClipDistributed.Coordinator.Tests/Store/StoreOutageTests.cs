using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using ClipDistributed.TestKit.Databases;
using Microsoft.Data.Sqlite;

namespace ClipDistributed.Coordinator.Tests.Store;

/// <summary>The store is unavailable while a run trains: nothing is acknowledged before it is durable, nothing is lost, and the run says so
/// afterwards.</summary>
[Collection(StoreCollection.Name)]
public sealed class StoreOutageTests(StoreProviders providers)
{
    [Fact]
    public async Task Store_LockedByAnotherProcess_IsWaitedFor()
    {
        using var folder = new TemporaryFolder();
        using var other = new SqliteConnection($"Data Source={folder.File("coordinator.db")};Pooling=False");
        SqliteTransaction? locked = null;
        await CheckAsync(new CoordinatorOptions { StateDirectory = folder.Path }, "database is locked", Begin, End);

        Task Begin()
        {
            other.Open();
            locked = other.BeginTransaction();
            return Task.CompletedTask;
        }

        Task End()
        {
            locked!.Dispose();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Store_DiskIsFull_IsWaitedFor()
    {
        using var folder = new TemporaryFolder();
        using var disk = new SmallDisk(folder.File("disk"), "1m");
        string filler = folder.File("disk/filler");
        await CheckAsync(new CoordinatorOptions { StateDirectory = folder.File("disk/state") }, "disk is full", Fill, Free);

        Task Fill()
        {
            using var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            try
            {
                while (true)
                    file.Write(new byte[4096]);
            }
            catch (IOException)
            {
                return Task.CompletedTask; // full
            }
        }

        Task Free()
        {
            File.Delete(filler);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Store_ServerIsStopped_IsWaitedFor()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(StoreProviders.Postgres, folder);
        await CheckAsync(
            options with
            {
                LeaderLease = TestCoordinator.Patience,
            },
            " s (",
            providers.Server.StopAsync,
            providers.Server.StartAgainAsync
        );
    }

    /// <param name="reason">Part of the store's error: PostgreSQL has several.</param>
    private static async Task CheckAsync(CoordinatorOptions store, string reason, Func<Task> begin, Func<Task> end)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                StateDirectory = store.StateDirectory,
                Store = store.Store,
                LeaderLease = store.LeaderLease,
            }
        );
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(steps: 40));
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.RecordAsync(1, loss: 4);
        Assert.Equal(1, (await replica.PersistedAsync()).Number);

        await begin();
        await replica.RecordAsync(2, loss: 3);
        await coordinator.Log.UntilAsync("StoreUnavailable", ("Consequence", $"The state of run {runId} cannot be saved"));
        var submitting = coordinator.SubmitAsync(coordinator.Spec("other"));
        var kept = replica.PersistedAsync();
        await coordinator.Log.UntilAsync("StoreUnavailable", ("Consequence", "Run other-1 cannot be added"));
        var run = await coordinator.RunAsync(runId); // it answers, with what is durable
        Assert.Equal((RunState.Running, 4.0), (run.State, run.Loss));
        Assert.Single((await coordinator.Control.ListRunsAsync(new ListRunsRequest())).Runs);
        Assert.False(kept.IsCompleted || submitting.IsCompleted);
        await end();

        Assert.Equal(2, (await kept).Number);
        Assert.Equal("other-1", await submitting);
        string? notice = null;
        await foreach (var response in coordinator.WatchAsync(runId))
        {
            if (response.Record?.Notice is { } found)
            {
                notice = found.Text;
                break;
            }
        }
        Assert.StartsWith("The coordinator's store could not be written for ", notice, StringComparison.Ordinal);
        Assert.Contains(reason, notice, StringComparison.Ordinal);
        Assert.Equal(3, (await coordinator.RunAsync(runId)).Loss);
    }
}
