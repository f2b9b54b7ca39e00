using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.History.MetricQueries;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Store;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Tests.History.MetricQueries;

/// <summary>Questions about steps that lie in a real store.</summary>
[Collection(StoreCollection.Name)]
public sealed class MetricHistoryTests(StoreProviders providers)
{
    private const string RunId = "demo-1";

    private long sequence;

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Query_AnyNumberOfPoints_SumsUpTheSameSteps(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        const int steps = 5_001;
        await AddAsync(store, Enumerable.Range(1, steps).Select(step => Step(step)));
        var history = Open(store);

        foreach (int points in (int[])[1, 4, 30, 100, 400, 2_000])
        {
            var answer = await history.QueryAsync(RunId, MetricQuery.Of(["loss"], 0, 0, points), Cancel);
            var series = Assert.Single(answer.Series);
            Assert.InRange(series.Points.Count, Math.Max(1, points / 4), points);
            Assert.Equal(steps, series.Points.Sum(point => point.Count));
            Assert.Equal((1, steps), (series.Points[0].FirstStep, series.Points[^1].LastStep));
            Assert.All(series.Points, point =>
            {
                Assert.Equal((Loss(point.LastStep), Loss(point.FirstStep)), (point.Min, point.Max)); // it falls
                Assert.Equal(Loss(point.LastStep), point.Last);
                Assert.Equal((Loss(point.LastStep) + Loss(point.FirstStep)) / 2, point.Mean, 9);
            });
            Assert.All(series.Points.Zip(series.Points.Skip(1)), pair => Assert.Equal(pair.First.LastStep + 1, pair.Second.FirstStep));
        }
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Query_RunThatGoesOn_HasItsNewestStep(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        var history = Open(store);
        Assert.Empty((await history.QueryAsync(RunId, All(2_000), Cancel)).Series);
        for (int step = 1; step <= 600; step += 37)
        {
            await AddAsync(store, Enumerable.Range(step, 37).Select(one => Step(one)));
            foreach (int points in (int[])[1, 20, 2_000])
            {
                var series = Assert.Single((await history.QueryAsync(RunId, All(points), Cancel)).Series);
                Assert.Equal(step + 36, series.Points.Sum(point => point.Count));
            }
        }
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Query_AttemptsThatOverlap_AreSeriesOfTheirOwn(string provider)
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder));
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        await AddAsync(store, [Started(1, 0), .. Steps(1, 100), Started(2, 50), .. Steps(51, 70), Started(3, 60), .. Steps(61, 300)]);
        var history = Open(store);

        foreach (int points in (int[])[3, 15, 2_000])
        {
            var answer = await history.QueryAsync(RunId, All(points), Cancel);
            Assert.Equal(
                [(1L, 100L), (2L, 20L), (3L, 240L)], answer.Series.Select(one => (one.Attempt, one.Points.Sum(point => point.Count))));
            Assert.InRange(answer.Series.Sum(one => one.Points.Count), 3, points);
        }
        var part = await history.QueryAsync(RunId, MetricQuery.Of(["loss"], 60, 65, 0), Cancel);
        Assert.Equal([(1L, 60L, 65L), (2L, 60L, 65L), (3L, 61L, 65L)],
            part.Series.Select(one => (one.Attempt, one.Points[0].FirstStep, one.Points[^1].LastStep)));
        Assert.Equal(1, part.StepsPerPoint);
    }

    [Fact]
    public async Task CatchUp_WriteThatIsRepeated_AddsNothingTwice()
    {
        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(await providers.NewAsync(StoreProviders.Sqlite, folder));
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        await AddAsync(store, Steps(1, 40));
        var rollups = new RollupStore(store);
        await new RollupWriter(rollups).CatchUpAsync(RunId, Cancel);
        var added = await rollups.AfterAsync(RunId, MetricRollup.Narrow, 0, Cancel);

        await rollups.AddAsync(RunId, added);

        Assert.Equal([16L, 32L], (await rollups.AfterAsync(RunId, MetricRollup.Narrow, 0, Cancel)).Select(row => row.LastSequence));
        await store.DeleteAsync(RunId, DateTime.UnixEpoch);
        Assert.Empty(await rollups.AfterAsync(RunId, MetricRollup.Narrow, 0, Cancel));
        await rollups.AddAsync(RunId, added); // by a question that came before
        Assert.Empty(await rollups.AfterAsync(RunId, MetricRollup.Narrow, 0, Cancel));
    }

    [Theory]
    [InlineData("los", 0, 0, 0, "names")]
    [InlineData("loss", -1, 0, 0, "first_step")]
    [InlineData("loss", 5, 4, 0, "last_step")]
    [InlineData("loss", 0, -1, 0, "last_step")]
    [InlineData("loss", 0, 0, 2_001, "points")]
    [InlineData("loss", 0, 0, -1, "points")]
    public void Of_WhatThereIsNot_IsRefused(string name, long first, long last, int points, string field)
    {
        var refused = Assert.Throws<BadInputException>(() => MetricQuery.Of([name], first, last, points));
        Assert.Equal(field, Assert.Single(refused.Found).Field);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static MetricHistory Open(RunStore store)
    {
        var rollups = new RollupStore(store);
        return new MetricHistory(rollups, new RollupWriter(rollups));
    }

    private static MetricQuery All(int points) => MetricQuery.Of(["loss"], 0, 0, points);

    private static double Loss(long step) => 10 - step / 1024.0;

    private static IEnumerable<RunRecord> Steps(int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(step => Step(step));

    private static RunRecord Step(long step) => MetricRollupTests.Step(step, Loss(step));

    private static RunRecord Started(int attempt, long step) => new() { Started = new RunStarted { Attempt = attempt, Step = step } };

    private async Task AddAsync(RunStore store, IEnumerable<RunRecord> records)
    {
        var news = new RunNews();
        news.Records.AddRange(records.Select(record => new RecordRow
        {
            RunId = RunId, Sequence = ++sequence, Time = DateTime.UnixEpoch, Record = record.ToByteArray(),
        }));
        var run = (await store.LoadAsync()).Runs[0];
        run.Saves++;
        await store.SaveAsync(run, news);
    }
}
