using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// A run's state and what it said. Its loop alone changes it; anyone may read the last saved state and wait for the
/// next. What readers see is durable, except for the replicas' progress.
/// </summary>
internal sealed class RunJournal(RunStore store, RunRow row, TimeProvider time)
{
    private const int PageSize = 500;

    private readonly List<RecordRow> unsaved = [];
    private long records;
    private volatile Published published = new(Show(row, []));

    /// <summary>The state as its owner sees it; others see it after <see cref="SaveAsync"/>.</summary>
    public RunRow Row { get; } = row;

    /// <summary>The members of the generation; shown from the next save or <see cref="Show()"/> on.</summary>
    public IReadOnlyList<RunReplica> Replicas { get; set; } = [];

    /// <summary>The last saved state. Not to be changed.</summary>
    public Run Run => published.Run;

    public bool HasEnded => IsEnd(Run.Phase);

    public static bool IsEnd(RunPhase phase) => phase is RunPhase.Stopped or RunPhase.Succeeded or RunPhase.Failed or RunPhase.Cancelled;

    /// <summary>Keeps a record until the next save.</summary>
    public void Add(Struct record) => unsaved.Add(new RecordRow
    {
        RunId = Row.RunId,
        Sequence = ++records,
        Time = time.GetUtcNow().UtcDateTime,
        Record = record.ToByteArray(),
    });

    /// <summary>Makes state and records durable, then shows them.</summary>
    public async Task SaveAsync(GenerationRow? begun = null)
    {
        await store.SaveAsync(Row, unsaved, begun);
        unsaved.Clear();
        Show();
    }

    /// <summary>Shows the state without saving it: progress is told again anyway.</summary>
    public void Show()
    {
        var before = published;
        published = new Published(Show(Row, Replicas));
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
            await foreach (var record in RecordsAsync(after, cancel))
            {
                after = record.Sequence;
                yield return (null, Told(record));
            }
            if (told.Phase != seen.Run.Phase || told.Reason != seen.Run.Reason)
                yield return (told = seen.Run, null);
            if (IsEnd(seen.Run.Phase))
                yield break;
            await seen.Replaced.Task.WaitAsync(cancel);
        }
    }

    private async IAsyncEnumerable<RecordRow> RecordsAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var page = await store.RecordsAsync(Row.RunId, after, PageSize, cancel);
            foreach (var record in page)
                yield return record;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Sequence;
        }
    }

    private static RunRecord Told(RecordRow row) =>
        new() { Sequence = row.Sequence, Time = row.Time.ToTimestamp(), Record = Struct.Parser.ParseFrom(row.Record) };

    private static Run Show(RunRow row, IReadOnlyList<RunReplica> replicas)
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
            Submitted = row.Submitted.ToTimestamp(),
            Started = row.Started?.ToTimestamp(),
            Ended = row.Ended?.ToTimestamp(),
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
