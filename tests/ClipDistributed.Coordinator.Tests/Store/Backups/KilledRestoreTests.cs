using System.Diagnostics;
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
        string[] command = ["coordinator", "restore", file, "--state", target.StateDirectory];
        var whole = Stopwatch.StartNew(); // a busy machine takes many times as long as a quiet one
        Assert.Equal(0, Clipd.Run(folder.Path, [.. command[..^1], folder.File("other")]).ExitCode);
        whole.Stop();
        var (moment, kills) = (whole.Elapsed / 10, 0);
        for (long step = 1; step == 1; kills++)
        {
            using (var restoring = Clipd.Start(folder.Path, [.. command, "--replace"]))
            {
                await Task.Delay(moment, TestContext.Current.CancellationToken); // later each time, until it ends by itself
                restoring.Kill();
            }
            moment += whole.Elapsed / 10;
            using var store = RunStore.Open(target);
            var run = Assert.Single((await store.LoadAsync()).Runs);
            step = run.Step;
            var records = await store.RecordsAsync(run.RunId, 0, int.MaxValue, TestContext.Current.CancellationToken);
            Assert.Equal(step == 1 ? 0 : 20_000 + 1, records.Count);
        }
        Assert.True(kills > 1, $"it was over at kill {kills}");
        Assert.Equal(0, Clipd.Run(folder.Path, [.. command, "--replace"]).ExitCode);
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
