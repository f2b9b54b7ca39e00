using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// A run's state and what it said. Its loop alone changes it; anyone may read the last saved state and wait for the
/// next. What readers see is durable, except for the replicas' progress.
/// </summary>
internal sealed class RunJournal
{
    private const int PageSize = 500;

    // A store that answers all watchers at once answers nothing else meanwhile.
    private static readonly SemaphoreSlim Reading = new(2);

    private readonly IRunStore store;
    private readonly TimeProvider time;
    private readonly CoordinatorEvents? events;
    private readonly StorePatience patience;
    private readonly SharedRecords newest;
    private ImmutableSortedDictionary<long, Incident> shownIncidents;
    private volatile Published published;

    /// <param name="limits">Null: as they are by default.</param>
    /// <param name="events">Receive the coordinator's records once they are saved; null: none.</param>
    public RunJournal(
        IRunStore store, StoredRun stored, TimeProvider time, ILogger logger, CoordinatorLimits? limits = null, CoordinatorEvents? events = null)
    {
        (this.store, this.time, this.events, Row) = (store, time, events, stored.Row);
        patience = new StorePatience(store, time, logger);
        newest = new SharedRecords((limits ?? new CoordinatorLimits()).SharedRecords, stored.LastRecord);
        Records = new RecordLog(Row.RunId, News, time, stored.LastRecord);
        shownIncidents = stored.Incidents.ToImmutableSortedDictionary(row => row.Number, IncidentMessages.ToMessage);
        published = new Published(Describe(Row, [], store.Term));
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

    public bool HasEnded => IsEnd(Run.Phase);

    public static bool IsEnd(RunPhase phase) => phase is RunPhase.Stopped or RunPhase.Succeeded or RunPhase.Failed or RunPhase.Cancelled;

    /// <summary>What is to be made durable with the next save, besides records.</summary>
    public RunNews News { get; } = new();

    /// <summary>
    /// Makes state and news durable, then shows them. Where the store cannot be written this waits until it can, and notes
    /// that: training goes on meanwhile, as it does without a coordinator.
    /// </summary>
    /// <returns>How long the store was away, last; null: it was not.</returns>
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
                newest.Add(ToMessage(record));
            Mirror();
            News.Clear();
            noted = absence ?? noted;
            if (absence is not null)
                Records.Add(RunRecords.ToStruct(new RunNotice(row.Step, Describe(absence))), row.Generation);
        }
        while (News.Records.Count > 0);
        Show(row, replicas);
        return noted;
    }

    private static string Describe(StoreAbsence absence) =>
        $"The coordinator's store could not be written for {absence.Lasted.TotalSeconds:0.0} s ({absence.Reason}); what was to be kept is kept now.";

    /// <summary>What is saved now, in the run's directory too.</summary>
    private void Mirror()
    {
        if (events is null)
            return;
        foreach (var record in News.Records.Where(record => record.ReplicaId == ""))
        {
            if (RunRecords.Parse(Struct.Parser.ParseFrom(record.Record)) is { } said)
                events.Add(said, new DateTimeOffset(DateTime.SpecifyKind(record.Time, DateTimeKind.Utc)));
        }
        foreach (var incident in News.Opened.Concat(News.Changed))
            events.Add(IncidentMessages.ToRecord(incident, Row.UsefulSeconds, Row.WallSeconds), time.GetUtcNow());
        events.Write();
    }

    /// <summary>Adds up the time of the steps that count, from the records: where an attempt began anew, the steps behind that are its own.</summary>
    public async Task<double> UsefulSecondsAsync(CancellationToken cancel)
    {
        var seconds = new Dictionary<long, double>();
        long attempt = 0;
        await foreach (var row in RecordsAsync(after: 0, cancel))
        {
            var record = Struct.Parser.ParseFrom(row.Record);
            if (RecordReading.AttemptOf(record) is { } begun && begun != attempt)
            {
                attempt = begun;
                foreach (long step in seconds.Keys.Where(step => step > RecordReading.StartOf(record)).ToList())
                    seconds.Remove(step);
            }
            if (RecordReading.StepOf(record) is { } done)
                seconds[done] = RecordReading.SecondsOf(record) ?? 0;
        }
        return seconds.Values.Sum();
    }

    /// <summary>Of a run that has ended: those who still watch it read its records from the store.</summary>
    public void ReleaseMemory() => newest.Clear();

    /// <summary>Shows the state without saving it: progress is told again anyway.</summary>
    public void Show(RunRow row, IReadOnlyList<RunReplica> replicas)
    {
        (row.Saves, Row) = (Row.Saves, row);
        var before = published;
        published = new Published(Describe(row, replicas, Term));
        before.Replaced.SetResult();
    }

    /// <summary>The state and the records after a sequence number, then what changes, until the run has ended.</summary>
    public async IAsyncEnumerable<(Run? Run, RunRecord? Record)> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        Run? told = null;
        while (true)
        {
            var seen = published; // before the records: those that came with it are read below
            if (told is null)
                yield return (told = seen.Run, null);
            await foreach (var record in ToldAsync(after, cancel))
            {
                after = record.Sequence;
                yield return (null, record);
            }
            if (told.Phase != seen.Run.Phase || told.Reason != seen.Run.Reason)
                yield return (told = seen.Run, null);
            if (IsEnd(seen.Run.Phase))
                yield break;
            await seen.Replaced.Task.WaitAsync(cancel);
        }
    }

    /// <summary>The newest from memory, older ones from the store.</summary>
    private async IAsyncEnumerable<RunRecord> ToldAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        IReadOnlyList<RunRecord>? rest;
        while ((rest = newest.After(after)) is null)
        {
            var page = await SharedPageAsync(after, cancel);
            foreach (var record in page)
                yield return ToMessage(record);
            if (page.Count == 0)
                yield break; // some are missing there: there is nothing to wait for
            after = page[^1].Sequence;
        }
        foreach (var record in rest)
            yield return record;
    }

    /// <summary>For a watcher, which waits for its turn; the run's own loop does not.</summary>
    private async Task<IReadOnlyList<RecordRow>> SharedPageAsync(long after, CancellationToken cancel)
    {
        await Reading.WaitAsync(cancel);
        try
        {
            return await PageAsync(after, cancel);
        }
        finally
        {
            Reading.Release();
        }
    }

    private async Task<IReadOnlyList<RecordRow>> PageAsync(long after, CancellationToken cancel)
    {
        IReadOnlyList<RecordRow> page = [];
        await patience.TryAsync(
            $"The records of run {Row.RunId} cannot be read",
            async () => page = await store.RecordsAsync(Row.RunId, after, PageSize, cancel),
            cancel);
        return page;
    }

    private async IAsyncEnumerable<RecordRow> RecordsAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var page = await PageAsync(after, cancel);
            foreach (var record in page)
                yield return record;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Sequence;
        }
    }

    private static RunRecord ToMessage(RecordRow row) =>
        new() { Sequence = row.Sequence, Time = row.Time.ToTimestamp(), Record = Struct.Parser.ParseFrom(row.Record) };

    private static Run Describe(RunRow row, IReadOnlyList<RunReplica> replicas, long term)
    {
        var run = new Run
        {
            RunId = row.RunId,
            JobId = row.JobId,
            Phase = row.Phase,
            Reason = row.Reason,
            RunDirectory = row.RunDirectory,
            Generation = row.Generation,
            Step = row.Step,
            Steps = row.Steps,
            Term = term,
            Submitted = row.Submitted.ToTimestamp(),
            Started = row.Started?.ToTimestamp(),
            Ended = row.Ended?.ToTimestamp(),
            UsefulSeconds = row.UsefulSeconds,
            WallSeconds = row.WallSeconds,
            ReplicaCount = row.Replicas,
        };
        if (row.Loss is { } loss)
            run.Loss = loss;
        run.Replicas.AddRange(replicas);
        return run;
    }

    private sealed class Published(Run run)
    {
        public Run Run { get; } = run;

        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
