using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using ClipDistributed.TestKit.Databases;

namespace ClipDistributed.Coordinator.Tests.Store;

/// <summary>Writes of which the caller hears no end.</summary>
[Collection(StoreCollection.Name)]
public sealed class InterruptedWritesTests(StoreProviders providers)
{
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Writes_AnswerIsLost_AreMadeOnce(string provider)
    {
        using var folder = new TemporaryFolder();
        var lost = new LostResponse();
        using var store = RunStore.Open(await providers.NewAsync(provider, folder), lost);
        var run = SampleRows.Run();
        await TwiceAsync(() => store.AddAsync(SampleRows.Job(), run));
        Assert.Equal(1, run.Place);

        (run.Step, run.Saves) = (9, 1);
        var news = SampleRows.News();
        await TwiceAsync(() => store.SaveAsync(run, news));

        var kept = Assert.Single((await store.LoadAsync()).Runs);
        Assert.Equal(9, kept.Step);
        Assert.Single(await store.RecordsAsync(run.RunId, 0, 10, CancellationToken.None));
        Assert.Single((await store.HistoryAsync(kept)).Replicas);
        Assert.Equal("r1 died", (await store.HistoryAsync(kept)).Incident!.Evidence);

        var incident = Assert.Single(news.Opened);
        (incident.Closed, incident.SecondsLost, incident.Action) = (
            new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            1.5,
            "generation 2"
        );
        news.Clear();
        news.Changed.Add(incident);
        run.Saves++;
        await TwiceAsync(() => store.SaveAsync(run, news));
        Assert.Equal(
            (1L, IncidentKind.ReplicaLost, 1.5, "generation 2", incident.Closed),
            Assert.Single(await store.IncidentsAsync(run.RunId)) is var saved
                ? (saved.Number, saved.Kind, saved.SecondsLost!.Value, saved.Action, saved.Closed)
                : default
        );
        Assert.Null((await store.HistoryAsync(kept)).Incident);

        async Task TwiceAsync(Func<Task> write)
        {
            lost.IsDue = true;
            var failed = await Assert.ThrowsAnyAsync<Exception>(write);
            Assert.True(store.IsUnavailable(failed), failed.ToString());
            await write();
        }
    }

    [Fact]
    public async Task Writes_SessionIsEndedInTheMiddle_CanBeTriedAgain()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        string connection = await providers.Server.NewDatabaseAsync();
        var ended = new EndedSession(connection);
        using var store = RunStore.Open(new CoordinatorOptions { Store = StoreConnection.Parse(connection) }, ended);
        ended.IsDue = true;
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => store.AddAsync(SampleRows.Job(), SampleRows.Run()));
        Assert.True(store.IsUnavailable(failed), failed.ToString());
        Assert.Empty((await store.LoadAsync()).Runs);
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        Assert.Single((await store.LoadAsync()).Runs);
    }
}
