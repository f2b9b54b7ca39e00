using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Store.Databases;

namespace ClipDistributed.Coordinator.Tests.Store.Backups;

[Collection(StoreCollection.Name)]
public sealed class StoreSnapshotTests(StoreProviders providers)
{
    /// <summary>Each save raises the step and adds a record: a copy of two moments has more of the one than of the other.</summary>
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Make_StoreThatIsWritten_IsOfOneMoment(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(store, stop.Token);
        var steps = new List<long>();
        while (steps.Distinct().Count() < 5)
        {
            await using var db = store.Read();
            string file = await StoreBackups.MakeAsync(folder, db);
            var copy = new CoordinatorOptions { StateDirectory = folder.File($"copy{steps.Count}") };
            await StoreBackups.RestoreAsync(copy, file);
            using var restored = RunStore.Open(copy);
            var run = Assert.Single((await restored.LoadAsync()).Runs);
            var records = await restored.RecordsAsync(run.RunId, 0, int.MaxValue, TestContext.Current.CancellationToken);
            Assert.Equal(run.Step, records.Count - 1); // and that it was restored
            steps.Add(run.Step);
        }
        await stop.CancelAsync();
        long written = await writing; // no save failed
        Assert.True(written >= steps[^1]);
    }

    private static async Task<long> WriteAsync(RunStore store, CancellationToken stop)
    {
        var run = (await store.LoadAsync()).Runs[0];
        for (run.Step = 0; !stop.IsCancellationRequested;)
        {
            (run.Step, run.Saves) = (run.Step + 1, run.Saves + 1);
            var news = new RunNews();
            news.Records.Add(new RecordRow { RunId = run.RunId, Sequence = run.Step, Time = DateTime.UnixEpoch, Record = [1] });
            await store.SaveAsync(run, news);
            await Task.Yield();
        }
        return run.Step;
    }
}
