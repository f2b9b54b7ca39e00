using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// A run's state and its records. Its loop alone changes it; anyone may read the last saved state and wait for the
/// next. What readers see is durable, except for the replicas' progress.
/// </summary>
internal sealed class RunJournal
{
    private readonly IRunStore store;
    private readonly TimeProvider time;
    private readonly CoordinatorEvents? events;
    private readonly StorePatience patience;
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
        patience = new StorePatience(store, time, logger);
        stored = new StoredRecords(store, patience, Row.RunId);
        newest = new SharedRecords((limits ?? new CoordinatorLimits()).SharedRecords, run.LastRecord);
        Records = new RecordLog(Row.RunId, News, time, run.LastRecord);
        shownIncidents = run.Incidents.ToImmutableSortedDictionary(row => row.Number, IncidentMessages.ToMessage);
        published = new Published(RunMessages.ToMessage(Row, [], store.Term));
    }

    public long Term => store.Term;

    /// <inheritdoc cref="IRunStore.Unled"/>
    public TimeSpan? Unled => store.Unled;

    /// <inheritdoc cref="IRunStore.LeftOff"/>
    public TimeSpan? LeftOff => store.LeftOff;

    /// <summary>As it was saved or shown last. Not to be changed.</summary>
    public RunRow Row { get; private set; }

    /// <summary>Takes the run's records; they are durable with the next save.</summary>
    public RecordLog Records { get; }

    /// <summary>The last saved state. Not to be changed.</summary>
    public Run Run => published.Run;

    /// <summary>That are saved, in the order of their numbers. Not to be changed.</summary>
    public IEnumerable<Incident> Incidents => Volatile.Read(ref shownIncidents).Values;

    public bool HasEnded => RunStates.IsEnd(Run.State);

    /// <summary>What is to be made durable with the next save, besides records.</summary>
    public RunNews News { get; } = new();

    /// <summary>
    /// Makes state and news durable, then shows them. Where the store cannot be written this waits until it can, and notes
    /// that: training goes on meanwhile, as it does without a coordinator.
    /// </summary>
    /// <returns>How long the store was unavailable, last; null: it was not.</returns>
    /// <exception cref="TermOverException">Another coordinator leads the run.</exception>
    /// <param name="row">Of the run; it is not changed after that.</param>
    /// <param name="replicas">The members of the generation.</param>
    public async Task<StoreAbsence?> SaveAsync(RunRow row, IReadOnlyList<RunReplica> replicas, CancellationToken cancel = default)
    {
        row.Saves = Row.Saves;
        Row = row;
        StoreAbsence? noted = null;
        do
        {
            row.Saves++; // once for all tries
            var absence = await patience.TryAsync(
                $"The state of run {row.RunId} cannot be saved", () => store.SaveAsync(row, News), cancel);
            Volatile.Write(ref shownIncidents, shownIncidents.SetItems(News.Opened.Concat(News.Changed)
                .Select(incident => KeyValuePair.Create(incident.Number, IncidentMessages.ToMessage(incident)))));
            foreach (var record in News.Records)
                newest.Add(RunMessages.ToMessage(record));
            Mirror();
            News.Clear();
            noted = absence ?? noted;
            if (absence is not null)
                Records.Add(NoticeRecord.Of(row.Step, Describe(absence)), row.Generation);
        }
        while (News.Records.Count > 0);
        Show(row, replicas);
        return noted;
    }

    private static string Describe(StoreAbsence absence) => string.Concat(
        $"The coordinator's store could not be written for {absence.Lasted.TotalSeconds:0.0} s ({absence.Reason}); ",
        "what was to be kept is kept now.");

    /// <summary>What is saved now, in the run's directory too.</summary>
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

    /// <summary>Of a run that has ended: its watchers read its records from the store.</summary>
    public void ReleaseMemory() => newest.Clear();

    /// <summary>Shows the state without saving it: progress is reported again anyway.</summary>
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
            var seen = published; // before the records: those that came with it are read below
            if (sent is null)
                yield return (sent = seen.Run, null);
            await foreach (var record in RecordsAsync(after, cancel))
            {
                after = record.Sequence;
                yield return (null, record);
            }
            if (sent.State != seen.Run.State || sent.Reason != seen.Run.Reason)
                yield return (sent = seen.Run, null);
            if (RunStates.IsEnd(seen.Run.State))
                yield break;
            await seen.Replaced.Task.WaitAsync(cancel);
        }
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
                yield break; // some are missing there: there is nothing to wait for
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
