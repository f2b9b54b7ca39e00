using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Data.Tests;
using Microsoft.Data.Sqlite;

namespace ClipDistributed.Coordinator.Tests.Store;

public class RunStoreTests
{
    [Fact]
    public async Task Restart_EndedAndActiveRuns_AreKept()
    {
        var before = await TestCoordinator.StartAsync();
        var host = await before.HostAsync("a");
        string done = await before.SubmitAsync(before.Spec());
        await (await host.StartReplicaAsync()).TrainAsync(5);
        var ended = await before.UntilAsync(done, RunPhase.Succeeded);
        string active = await before.SubmitAsync(before.Spec(run: "active"));
        await before.UntilAsync(active, RunPhase.Starting);

        await using var after = await before.RestartAsync();

        var kept = await after.RunAsync(done);
        Assert.Equal((ended.Phase, ended.Step, ended.Loss, ended.Started, ended.Ended, ended.RunDirectory), (kept.Phase, kept.Step, kept.Loss, kept.Started, kept.Ended, kept.RunDirectory));
        var taken = await after.RunAsync(active);
        Assert.Equal((RunPhase.Starting, 2L), (taken.Phase, taken.Term));
        Assert.Equal(["demo-b", "demo"], (await after.Control.ListJobsAsync(new ListJobsRequest())).Jobs.Select(job => job.JobId));

        var records = new List<long>();
        await foreach (var told in after.WatchAsync(done))
        {
            if (told.Record is { } record)
                records.Add(record.Sequence);
        }
        Assert.Equal([1L, 2, 3, 4, 5], records);
    }

    [Fact]
    public async Task Save_AfterAnotherCoordinatorTookOver_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        using var old = new RunStore(options);
        var run = new RunRow { RunId = "demo-1", JobId = "demo", Name = "demo", Number = 1, RunDirectory = "/none", Step = 3 };
        await old.AddAsync(new JobRow { JobId = "demo", Name = "demo", RunDirectory = "/none", Submitted = DateTime.UnixEpoch, Spec = [] }, run);
        File.Delete(folder.File(".lock")); // as if the old one's disk had been away
        using var next = new RunStore(options);
        Assert.Equal(old.Term + 1, next.Term);

        run.Step = 9;
        await Assert.ThrowsAsync<TermOverException>(() => old.SaveAsync(run, new RunNews()));
        Assert.Equal(3, (await next.LoadAsync()).Runs.Single().Step);
        await next.SaveAsync(run, new RunNews());
        Assert.Equal(9, (await next.LoadAsync()).Runs.Single().Step);
    }

    [Fact]
    public void Open_FolderInUse_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        using var first = new RunStore(options);
        var refused = Assert.Throws<BadInputException>(() => new RunStore(options));
        Assert.Equal($"The state directory {folder.Path} is in use by another coordinator; stop that one, or choose another directory with --state.", refused.Message);
    }

    [Fact]
    public void Open_OtherVersion_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        new RunStore(options).Dispose();
        using (var database = new SqliteConnection($"Data Source={folder.File("coordinator.db")};Pooling=False"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = "PRAGMA user_version=7";
            command.ExecuteNonQuery();
        }
        Assert.Contains("has version 7; this program knows 2", Assert.Throws<BadInputException>(() => new RunStore(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoDatabase_IsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("coordinator.db"), new string('x', 5000));
        var refused = Assert.Throws<BadInputException>(() => new RunStore(new CoordinatorOptions { StateDirectory = folder.Path }));
        Assert.StartsWith($"{folder.File("coordinator.db")} cannot be used", refused.Message, StringComparison.Ordinal);
    }
}
