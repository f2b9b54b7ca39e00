using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Control.Callers;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Coordinator.Tests.Store.Backups;

[Collection(ProcessCollection.Name)]
public sealed class KilledRestoreTests
{
    /// <summary>Whenever it is killed, the store is the one before or the one of the backup, and the next restore works.</summary>
    [Fact]
    public async Task Restore_KilledAtAnyMoment_LeavesAWholeStore()
    {
        using var folder = new TemporaryFolder();
        var source = new CoordinatorOptions { StateDirectory = folder.File("source") };
        var target = new CoordinatorOptions { StateDirectory = folder.File("target") };
        await FillAsync(source, step: 2, records: 20_000);
        await FillAsync(target, step: 1, records: 0);
        string file = await StoreBackups.MakeAsync(folder, source);
        string[] command = ["coordinator", "restore", file, "--state", target.StateDirectory, "--replace"];
        int ms = 0;
        for (long step = 1; step == 1;)
        {
            using (var restoring = Clipd.Start(folder.Path, command))
            {
                await Task.Delay(ms); // a moment of its own each time, later and later until it ends by itself
                restoring.Kill();
            }
            ms += 150;
            using var store = RunStore.Open(target);
            var run = Assert.Single((await store.LoadAsync()).Runs);
            step = run.Step;
            var records = await store.RecordsAsync(run.RunId, 0, int.MaxValue, TestContext.Current.CancellationToken);
            Assert.Equal(step == 1 ? 0 : 20_000 + 1, records.Count);
        }
        Assert.True(ms > 600, $"it was over after {ms} ms");
        Assert.Equal(0, Clipd.Run(folder.Path, command).ExitCode);
    }

    private static async Task FillAsync(CoordinatorOptions options, long step, int records)
    {
        using var store = RunStore.Open(options);
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        var run = (await store.LoadAsync()).Runs[0];
        (run.Step, run.Saves) = (step, 1);
        var news = new RunNews();
        for (int i = 1; i <= records; i++)
            news.Records.Add(new RecordRow { RunId = run.RunId, Sequence = i, Time = DateTime.UnixEpoch, Record = new byte[200] });
        await store.SaveAsync(run, news);
    }
}
