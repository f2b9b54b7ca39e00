using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// A run's state and its records. Its loop alone writes it; readers see the last saved state and wait for the next. What they see is
/// durable, except for the replicas' progress.
/// </summary>
internal sealed class RunJournal
{
    private readonly IRunStore store;
    private readonly TimeProvider time;
    private readonly CoordinatorEvents? events;
    private readonly StoreRetry retry;
    private readonly StoredRecords stored;
    private readonly SharedRecords newest;
    private ImmutableSortedDictionary<long, Incident> shownIncidents;
    private volatile Published published;

    /// <param name="limits">Null: as they are by default.</param>
    /// <param name="events">Receive the coordinator's records once they are saved; null: none.</param>
    public RunJournal(
        IRunStore store,
        StoredRun run,
        TimeProvider time,
        ILogger logger,
        CoordinatorLimits? limits = null,
        CoordinatorEvents? events = null)
    {
        (this.store, this.time, this.events, Row) = (store, time, events, run.Row);
        retry = new StoreRetry(store, time, logger);
        stored = new StoredRecords(store, retry, Row.RunId);
        limits ??= new CoordinatorLimits();
        newest = new SharedRecords(limits.SharedRecords, run.LastRecord);
        Records = new RecordLog(Row.RunId, News, time, run.LastRecord, limits.RecordsPerRun);
        shownIncidents = run.Incidents.ToImmutableSortedDictionary(row => row.Number, IncidentMessages.ToMessage);
        published = new Published(RunMessages.ToMessage(Row, [], store.Term));
    }

    public long Term => store.Term;

    /// <inheritdoc cref="IRunStore.LeaderGap"/>
    public TimeSpan? LeaderGap => store.LeaderGap;

    /// <inheritdoc cref="IRunStore.SinceStepDown"/>
    public TimeSpan? SinceStepDown => store.SinceStepDown;

    /// <summary>As it was saved or published last. Read-only.</summary>
    public RunRow Row { get; private set; }

    /// <summary>Receives the run's records; they are durable with the next save.</summary>
    public RecordLog Records { get; }

    /// <summary>The last saved state. Read-only.</summary>
    public Run Run => published.Run;

    /// <summary>Those that are saved, in the order of their numbers. Read-only.</summary>
    public IEnumerable<Incident> Incidents => Volatile.Read(ref shownIncidents).Values;

    /// <summary>The sequence number of the newest record that is saved; 0: there is none.</summary>
    public long LastSequence => newest.Last;

    public bool HasEnded => Run.State.HasEnded();

    /// <summary>The changes for the next save, besides the row.</summary>
    public RunNews News { get; } = new();

    /// <summary>
    /// Makes state and news durable, then publishes them. Where the store is unavailable this retries until it succeeds, and adds a notice:
    /// training goes on meanwhile, as it does without a coordinator.
    /// </summary>
    /// <returns>The last outage of the store; null: there was none.</returns>
    /// <exception cref="TermOverException">Another coordinator leads the run.</exception>
    /// <param name="row">Of the run; it is not changed after that.</param>
    /// <param name="replicas">The members of the generation.</param>
    public async Task<StoreOutage?> SaveAsync(RunRow row, IReadOnlyList<RunReplica> replicas, CancellationToken cancel = default)
    {
        row.Saves = Row.Saves;
        Row = row;
        StoreOutage? noted = null;
        do
        {
            row.Saves++; // once for all attempts
            var outage = await retry.TryAsync(
                $"The state of run {row.RunId} cannot be saved", () => store.SaveAsync(row, News), cancel);
            Volatile.Write(ref shownIncidents, shownIncidents.SetItems(News.Opened.Concat(News.Changed)
                .Select(incident => KeyValuePair.Create(incident.Number, IncidentMessages.ToMessage(incident)))));
            foreach (var record in News.Records)
                newest.Add(RunMessages.ToMessage(record));
            Mirror();
            News.Clear();
            noted = outage ?? noted;
            if (outage is not null)
                Records.Add(NoticeRecord.Of(row.Step, Describe(outage)), row.Generation);
        }
        while (News.Records.Count > 0);
        Show(row, replicas);
        return noted;
    }

    private static string Describe(StoreOutage outage) => string.Concat(
        $"The coordinator's store could not be written for {outage.Lasted.TotalSeconds:0.0} s ({outage.Reason}); ",
        "all of it is durable now.");

    /// <summary>Copies what is saved to the run's directory.</summary>
    private void Mirror()
    {
        if (events is null)
            return;
        foreach (var record in News.Records.Where(record => record.ReplicaId == ""))
            events.Add(RunMessages.ToMessage(record), new DateTimeOffset(DateTime.SpecifyKind(record.Time, DateTimeKind.Utc)));
        foreach (var incident in News.Opened.Concat(News.Changed))
            events.Add(IncidentMessages.ToRecord(incident, Row.UsefulSeconds, Row.WallSeconds), time.GetUtcNow());
        events.Write();
    }

    /// <inheritdoc cref="StoredRecords.UsefulSecondsAsync"/>
    public Task<double> UsefulSecondsAsync(CancellationToken cancel) => stored.UsefulSecondsAsync(cancel);

    /// <summary>The run has ended: its watchers read its records from the store.</summary>
    public void ReleaseMemory() => newest.Clear();

    /// <summary>Publishes the state without saving it: progress is reported again anyway.</summary>
    public void Show(RunRow row, IReadOnlyList<RunReplica> replicas)
    {
        (row.Saves, Row) = (Row.Saves, row);
        var before = published;
        published = new Published(RunMessages.ToMessage(row, replicas, Term));
        before.Replaced.SetResult();
    }

    /// <summary>The state and the records after a sequence number, then what changes, until the run has ended.</summary>
    public async IAsyncEnumerable<(Run? Run, RunRecord? Record)> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        Run? sent = null;
        while (true)
        {
            var seen = published; // before the records: those of the same save are read below
            if (sent is null)
                yield return (sent = seen.Run, null);
            await foreach (var record in RecordsAsync(after, cancel))
            {
                after = record.Sequence;
                yield return (null, record);
            }
            if (sent.State != seen.Run.State || sent.Reason != seen.Run.Reason)
                yield return (sent = seen.Run, null);
            if (seen.Run.State.HasEnded())
                yield break;
            await seen.Replaced.Task.WaitAsync(cancel);
        }
    }

    /// <summary>Completes when the run has ended.</summary>
    public async Task EndedAsync(CancellationToken cancel)
    {
        for (var seen = published; !seen.Run.State.HasEnded(); seen = published)
            await seen.Replaced.Task.WaitAsync(cancel);
    }

    /// <summary>The newest from memory, older ones from the store.</summary>
    private async IAsyncEnumerable<RunRecord> RecordsAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        IReadOnlyList<RunRecord>? rest;
        while ((rest = newest.After(after)) is null)
        {
            var page = await stored.PageForWatcherAsync(after, cancel);
            foreach (var record in page)
                yield return RunMessages.ToMessage(record);
            if (page.Count == 0)
                yield break; // records are missing there: there is nothing to wait for
            after = page[^1].Sequence;
        }
        foreach (var record in rest)
            yield return record;
    }

    private sealed class Published(Run run)
    {
        public Run Run { get; } = run;

        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
