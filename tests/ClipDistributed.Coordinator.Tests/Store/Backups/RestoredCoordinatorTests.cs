using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Store.Backups;

/// <summary>A coordinator whose store was restored, while hosts and replicas of the one before still run.</summary>
[Collection(StoreCollection.Name)]
public sealed class RestoredCoordinatorTests(StoreProviders providers)
{
    /// <summary>After the backup two more terms, generations and replicas were given out; the restored coordinator gives out none of them
    /// again, and the replica of that time neither joins its run nor stays.</summary>
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Restart_OnARestoredStore_ReusesNothingAndEndsWhatItDoesNotKnow(string provider)
    {
        using var folder = new TemporaryFolder();
        var place = await providers.NewAsync(provider, folder) with { StateDirectory = folder.File("state") };
        var first = await TestCoordinator.StartAsync(options => options with
        {
            StateDirectory = place.StateDirectory, Store = place.Store, QuarantineAfter = 0,
        });
        var host = await first.HostAsync("a");
        string runId = await first.SubmitAsync(first.Spec(steps: 40));
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.RecordAsync(1, loss: 3);
        await replica.PersistedAsync();
        string file = folder.File("backup");
        await File.WriteAllBytesAsync(file, await BackUpAsync(first), TestContext.Current.CancellationToken);

        var second = await first.RestartAsync(); // term 2, then another replica and generation
        host = await second.HostAsync("a");
        replica = await host.StartReplicaAsync();
        var seen = await replica.GenerationAsync();
        await replica.RecordAsync(2, loss: 2);
        await replica.PersistedAsync();
        long records = await LastAsync(second, runId, 2);

        await using var third = await second.RestartAsync(_ =>
            StoreBackups.RestoreAsync(place, file, replace: true).GetAwaiter().GetResult());
        host = await third.HostAsync("a", replica.Id);
        Assert.Equal([replica.Id], host.Welcome.ReplicaIdsToKill);
        var stranger = await replica.ReconnectAsync(third.Channel, host, applied: 2);
        var refused = await Assert.ThrowsAsync<RpcException>(stranger.CallAsync);
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        await host.ExitedAsync(replica.Id, 137);

        var next = await host.StartReplicaAsync(applied: 1);
        Assert.True(next.Launch.Restore);
        Assert.True(next.Launch.Number > replica.Launch.Number && next.Launch.Generation > seen.Generation, $"{next.Launch}");
        var generation = await next.GenerationAsync();
        Assert.True(generation.Generation > next.Launch.Generation, $"{generation}");
        Assert.Equal(1, generation.StartStep);
        await next.RecordAsync(2, loss: 1);
        await next.PersistedAsync();
        var run = await third.RunAsync(runId);
        Assert.True(run.Term > 2, $"{run}");
        // A watcher goes on after the last record that it has seen of the coordinator before.
        var after = new List<RunRecord>();
        await foreach (var response in third.WatchAsync(runId, records))
        {
            if (response.Record is { } record)
                after.Add(record);
            if (response.Record?.Step is not null)
                break;
        }
        Assert.Contains(after, record => record.Notice?.Text.StartsWith("The coordinator's store was restored", StringComparison.Ordinal)
            == true);
        Assert.Equal((2, 1), (after[^1].Step.Step, after[^1].Step.Loss));
    }

    [Fact]
    public async Task BackUp_WhileAnotherIsMade_IsRefusedAndLeavesNothing()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var admin = new AdminService.AdminServiceClient(coordinator.Channel);
        await BackUpAsync(coordinator);
        using (BackupsOf(coordinator)) // as another process does
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => BackUpAsync(coordinator));
            Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        }
        byte[] whole = await BackUpAsync(coordinator);
        Assert.NotEmpty(whole);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(coordinator.StateDirectory, "backup")));
        await UntilAuditedAsync(admin);
    }

    /// <summary>Takes the place of a backup, once it is free.</summary>
    private static FileStream BackupsOf(TestCoordinator coordinator) => GuardedFile.Lock(
        Path.Combine(coordinator.StateDirectory, "backup", ".lock"), patience: TestCoordinator.Patience);

    private static async Task UntilAuditedAsync(AdminService.AdminServiceClient admin)
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        while (true) // it is written within a moment
        {
            var entries = (await admin.ListAuditEntriesAsync(new ListAuditEntriesRequest())).Entries;
            if (entries.Any(entry => entry is { Verb: "BackUpStore", Result: "OK" }))
                return;
            await Task.Delay(50, late.Token);
        }
    }

    /// <summary>The sequence number of the record of a step.</summary>
    private static async Task<long> LastAsync(TestCoordinator coordinator, string runId, long step)
    {
        await foreach (var response in coordinator.WatchAsync(runId))
        {
            if (response.Record?.Step?.Step == step)
                return response.Record.Sequence;
        }
        throw new InvalidOperationException($"{runId} ended");
    }

    private static async Task<byte[]> BackUpAsync(TestCoordinator coordinator)
    {
        using var call = new AdminService.AdminServiceClient(coordinator.Channel).BackUpStore(new BackUpStoreRequest());
        using var file = new MemoryStream();
        await foreach (var piece in call.ResponseStream.ReadAllAsync())
            file.Write(piece.Data.Span);
        return file.ToArray();
    }
}
