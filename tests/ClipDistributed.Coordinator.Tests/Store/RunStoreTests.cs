using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using ClipDistributed.TestKit.Databases;

namespace ClipDistributed.Coordinator.Tests.Store;

[Collection(StoreCollection.Name)]
public sealed class RunStoreTests(StoreProviders providers)
{
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Restart_EndedAndActiveRuns_AreKept(string provider)
    {
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(provider, folder);
        var before = await TestCoordinator.StartAsync(other =>
            other with
            {
                StateDirectory = options.StateDirectory,
                Store = options.Store,
            }
        );
        var host = await before.HostAsync("a");
        string done = await before.SubmitAsync(before.Spec());
        await (await host.StartReplicaAsync()).TrainAsync(5);
        var ended = await before.UntilAsync(done, RunState.Succeeded);
        string active = await before.SubmitAsync(before.Spec(run: "active"));
        await before.UntilAsync(active, RunState.Starting);

        await using var after = await before.RestartAsync();

        var kept = await after.RunAsync(done);
        Assert.Equal((ended.State, ended.Step, ended.Loss, ended.RunDirectory), (kept.State, kept.Step, kept.Loss, kept.RunDirectory));
        Assert.All(
            [(ended.Started, kept.Started), (ended.Ended, kept.Ended)], // PostgreSQL keeps microseconds
            time =>
                Assert.InRange(
                    time.Item1.ToDateTime() - time.Item2.ToDateTime(),
                    TimeSpan.FromMicroseconds(-1),
                    TimeSpan.FromMicroseconds(1)
                )
        );
        var taken = await after.RunAsync(active);
        Assert.Equal((RunState.Starting, 2L), (taken.State, taken.Term));
        Assert.Equal(["demo-b", "demo"], (await after.Control.ListJobsAsync(new ListJobsRequest())).Jobs.Select(job => job.JobId));

        var records = new List<long>();
        await foreach (var response in after.WatchAsync(done))
        {
            if (response.Record is { } record)
                records.Add(record.Sequence);
        }
        Assert.Equal([1L, 2, 3, 4, 5], records);
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Save_AfterAnotherCoordinatorTookOver_ChangesNothing(string provider)
    {
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(provider, folder);
        using var old = RunStore.Open(options);
        var run = SampleRows.Run();
        await old.AddAsync(SampleRows.Job(), run);
        File.Delete(folder.File(".lock")); // as if the old one's disk had been detached
        using var next = RunStore.Open(options);
        Assert.Equal(old.Term + 1, next.Term);

        (run.Step, run.Saves) = (9, 1);
        await Assert.ThrowsAsync<TermOverException>(() => old.SaveAsync(run, new RunNews()));
        await Assert.ThrowsAsync<TermOverException>(() => old.HeartbeatAsync("http://old", CancellationToken.None));
        await old.ResignAsync(CancellationToken.None);
        Assert.Equal(3, (await next.LoadAsync()).Runs.Single().Step);
        await next.SaveAsync(run, new RunNews());
        await next.HeartbeatAsync("http://next", CancellationToken.None);
        Assert.Equal(9, (await next.LoadAsync()).Runs.Single().Step);
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task TryLead_TwoSawTheSame_OneLeads(string provider)
    {
        using var folder = new TemporaryFolder();
        using var database = StoreSchema.Open(await providers.NewAsync(provider, folder));
        var seen = await RunStore.ReadLeaderAsync(database, CancellationToken.None);
        var led = await Task.WhenAll(RunStore.TryLeadAsync(database, seen, "one"), RunStore.TryLeadAsync(database, seen, "other"));
        var store = Assert.Single(led, one => one is not null)!;
        Assert.Equal(1, store.Term);
        Assert.Equal(led[0] is null ? "other" : "one", (await RunStore.ReadLeaderAsync(database, CancellationToken.None)).Holder);

        seen = await RunStore.ReadLeaderAsync(database, CancellationToken.None);
        await store.HeartbeatAsync("http://one", CancellationToken.None); // it lives
        Assert.Null(await RunStore.TryLeadAsync(database, seen, "third"));
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Save_TextWithNul_IsStored(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        var run = SampleRows.Run();
        await store.AddAsync(SampleRows.Job(), run);
        (run.Reason, run.Loss, run.Started, run.Saves) = (
            "it said \0 and died",
            0.1,
            new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            1
        );
        await store.SaveAsync(run, new RunNews());
        var kept = (await store.LoadAsync()).Runs.Single();
        Assert.Equal(
            ("it said \uFFFD and died", 0.1, run.Started, DateTimeKind.Utc),
            (kept.Reason, kept.Loss, kept.Started, kept.Started!.Value.Kind)
        );
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Failures_LostReplicas_AreFoundUntilTheirHostIsCleared(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        var run = SampleRows.Run();
        await store.AddAsync(SampleRows.Job(), run);
        var news = SampleRows.News();
        for (int i = 2; i <= 5; i++)
            news.Launched.Add(
                new ReplicaRow
                {
                    RunId = "demo-1",
                    ReplicaId = $"demo-1-r{i}",
                    Host = i == 5 ? "b" : "a",
                    Kind = DeviceKind.Cpu,
                    DeviceIndex = i,
                    Restores = false,
                    Launched = DateTime.UnixEpoch,
                }
            );
        foreach (var row in news.Launched.Skip(1)) // the first one still runs
            (row.Released, row.Evidence, row.Cause) = (
                DateTime.UnixEpoch.AddMinutes(10 - row.DeviceIndex),
                "died",
                row.DeviceIndex == 3 ? "" : $"generation {row.DeviceIndex}"
            );
        news.Launched[2].DeviceCause = "generation 3";
        run.Saves = 1;
        await store.SaveAsync(run, news);

        Assert.Equal(
            ["demo-1-r5", "demo-1-r4", "demo-1-r3", "demo-1-r2"],
            (await store.FailuresAsync(DateTime.UnixEpoch)).Select(row => row.ReplicaId));
        Assert.Equal(
            ["demo-1-r3", "demo-1-r2"], (await store.FailuresAsync(DateTime.UnixEpoch.AddMinutes(7))).Select(row => row.ReplicaId));
        await store.ClearFailuresAsync("a");
        Assert.Equal(["demo-1-r5"], (await store.FailuresAsync(DateTime.UnixEpoch)).Select(row => row.ReplicaId));
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task ReplaceAsync_DeviceFaults_AreReadAsTheyWereAndAreAllThereAre(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        var faults = new DeviceFaultStore(store);
        await faults.ReplaceAsync([Row("a", 1), Row("b", 1)]);
        await faults.ReplaceAsync([Row("b", 1), Row("b", 2)]);
        await faults.ReplaceAsync([Row("b", 1), Row("b", 2)]); // its response was lost
        var found = await faults.AllAsync();
        Assert.Equivalent(new[] { Row("b", 1), Row("b", 2) }, found.OrderBy(row => row.DeviceIndex).ToArray(), strict: true);

        static DeviceFaultRow Row(string host, int index) =>
            new() { Host = host, Kind = DeviceKind.Cuda, DeviceIndex = index, Process = [1, 2], Fault = "größe" };
    }

    [Fact]
    public void Open_FolderInUse_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        using var first = RunStore.Open(options);
        var refused = Assert.Throws<BadInputException>(() => RunStore.Open(options));
        Assert.Equal(
            $"The state directory {folder.Path} is in use by another coordinator; stop that one, or choose another directory with --state.",
            refused.Message
        );
    }
}
