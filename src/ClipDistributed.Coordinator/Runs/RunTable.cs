using System.Collections.Concurrent;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>All jobs and runs that this coordinator knows, and the loops of the runs that have not ended. Thread-safe.</summary>
internal sealed partial class RunTable(
    IRunStore store, RunServices services, Leadership leadership, IHostApplicationLifetime lifetime, ILogger<RunTable> logger)
    : IHostedService
{
    private const string Resume = "clipd submit SPEC --resume goes on from the newest checkpoint";

    private readonly StoreRetry retry = new(store, services.Time, logger);
    private readonly Lock gate = new();
    private readonly List<JobRow> jobs = []; // in the order of submission, as runs
    private readonly List<RunJournal> runs = [];
    private readonly ConcurrentDictionary<string, RunJournal> byId = new(StringComparer.Ordinal); // the same runs
    private readonly Dictionary<string, int> lastNumbers = new(StringComparer.Ordinal); // by the runs' names, of deleted ones too
    private readonly ConcurrentDictionary<string, RunLoop> loops = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> running = new(StringComparer.Ordinal);

    public IReadOnlyList<JobRow> Jobs
    {
        get
        {
            lock (gate)
                return [.. jobs];
        }
    }

    /// <summary>In the order of submission.</summary>
    public IReadOnlyList<RunJournal> Runs
    {
        get
        {
            lock (gate)
                return [.. runs];
        }
    }

    /// <summary>The highest number that a run of this name has had; 0: none.</summary>
    public int LastNumber(string name)
    {
        lock (gate)
            return lastNumbers.GetValueOrDefault(name);
    }

    /// <exception cref="RequestRefusedException">There is no such run.</exception>
    public RunJournal Find(string runId) => TryFind(runId) ?? throw UnknownRun.Of(runId, Runs);

    /// <returns>Null: there is no such run.</returns>
    public RunJournal? TryFind(string runId) => byId.GetValueOrDefault(runId);

    /// <summary>Loads what the store holds; runs that had not ended are taken over.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JobRow> oldJobs = [];
        IReadOnlyList<(RunJournal Journal, RunHistory History)> oldRuns = [];
        IReadOnlyList<ReplicaRow> failed = [];
        var now = services.Time.GetUtcNow().UtcDateTime;
        await retry.TryAsync("Jobs and runs cannot be read", async () =>
        {
            (oldJobs, oldRuns) = await LoadAsync();
            failed = await store.FailuresAsync(now - HostFailureHistory.Memory);
        }, cancellationToken);
        foreach (var lost in failed)
            services.Pool.Restore(lost, now);
        jobs.AddRange(oldJobs);
        foreach (var (journal, history) in oldRuns)
        {
            Count(journal.Row);
            if (journal.Row.Deleted is not null)
                continue;
            if (!journal.HasEnded)
            {
                LogTakenOver(journal.Row.RunId, RunStateText.Lower(journal.Row.State), journal.Row.Generation, store.Term);
                await LeadOnAsync(journal, history);
            }
            Add(journal);
        }
        jobs.RemoveAll(job => runs.TrueForAll(run => run.Row.JobId != job.JobId)); // all of its runs are deleted
    }

    /// <summary>A damaged run fails alone.</summary>
    private async Task LeadOnAsync(RunJournal journal, RunHistory history)
    {
        try
        {
            var job = jobs.Find(job => job.JobId == journal.Row.JobId)
                ?? throw new BadInputException($"its job {journal.Row.JobId} is missing");
            Lead(journal, job, history);
        }
        catch (Exception damaged) when (
            damaged is InvalidProtocolBufferException or ArgumentException or ArithmeticException or BadInputException)
        {
            string damage = damaged.Message.ReplaceLineEndings(" ");
            LogDamaged(journal.Row.RunId, damage);
            (journal.Row.State, journal.Row.Ended) = (RunState.Failed, services.Time.GetUtcNow().UtcDateTime);
            journal.Row.Reason = $"what the coordinator knows of it is damaged ({damage}); {Resume}";
            await journal.SaveAsync(journal.Row, [], lifetime.ApplicationStopping);
        }
    }

    /// <summary>Deletes a run that has ended; the job is deleted with its last run.</summary>
    /// <returns>Its directory, which stays.</returns>
    /// <exception cref="RequestRefusedException">There is no such run, or it has not ended.</exception>
    public async Task<string> DeleteAsync(string runId, CancellationToken cancel)
    {
        var journal = Find(runId);
        if (!journal.HasEnded || loops.ContainsKey(runId))
            throw RequestRefusedException.WrongState(string.Concat(
                $"run {runId} is {RunStateText.Lower(journal.Run.State)}; ",
                $"end it first with clipd run stop {runId} or clipd run cancel {runId}"));
        await retry.TryAsync(
            $"Run {runId} cannot be deleted", () => store.DeleteAsync(runId, services.Time.GetUtcNow().UtcDateTime), cancel);
        lock (gate)
        {
            runs.Remove(journal);
            byId.TryRemove(runId, out _);
            jobs.RemoveAll(job => job.JobId == journal.Row.JobId && runs.TrueForAll(run => run.Row.JobId != job.JobId));
        }
        LogDeleted(runId);
        return journal.Row.RunDirectory;
    }

    private void Count(RunRow run) => lastNumbers[run.Name] = Math.Max(run.Number, lastNumbers.GetValueOrDefault(run.Name));

    private async Task<(IReadOnlyList<JobRow> Jobs, IReadOnlyList<(RunJournal Journal, RunHistory History)> Runs)> LoadAsync()
    {
        var (oldJobs, rows) = await store.LoadAsync();
        var oldRuns = new List<(RunJournal, RunHistory)>();
        foreach (var row in rows)
        {
            var stored = new StoredRun(row, await store.LastRecordAsync(row.RunId), await store.IncidentsAsync(row.RunId));
            var journal = NewJournal(stored);
            oldRuns.Add((journal, journal.HasEnded ? RunHistory.None : await store.HistoryAsync(row)));
        }
        return (oldJobs, oldRuns);
    }

    /// <summary>The loops end with the coordinator; their replicas train on until another one takes over.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(running.Values);

    /// <summary>
    /// Makes a run durable and begins it. Where the store is unavailable this waits: a client that has cancelled finds the run all the
    /// same.
    /// </summary>
    /// <param name="request">By which the client may repeat the submission; null: it gave no id.</param>
    public async Task BeginAsync(JobRow job, RunRow run, RequestRow? request = null)
    {
        await retry.TryAsync($"Run {run.RunId} cannot be added", () => store.AddAsync(job, run, request), lifetime.ApplicationStopping);
        var journal = NewJournal(StoredRun.New(run));
        Lead(journal, job, RunHistory.None);
        lock (gate)
        {
            Count(run);
            // Last: a caller that finds the run here finds its loop too.
            jobs.RemoveAll(other => other.JobId == job.JobId);
            jobs.Add(job);
            Add(journal);
        }
    }

    private void Add(RunJournal journal) => runs.Add(byId[journal.Row.RunId] = journal);

    private RunJournal NewJournal(StoredRun stored) =>
        new(store, stored, services.Time, logger, services.Options.Limits, new CoordinatorEvents(stored.Row.RunDirectory, logger));

    private void Lead(RunJournal journal, JobRow job, RunHistory history)
    {
        string runId = journal.Row.RunId;
        var loop = RunLoop.Open(journal, RunSettings.Of(job, runId), services, history);
        loops[runId] = loop;
        running[runId] = Task.Run(() => LeadAsync(journal, loop));
    }

    /// <summary>Posts a request to a run, and waits until it is durable.</summary>
    /// <exception cref="RequestRefusedException">There is no such run, it has ended, or refuses the request.</exception>
    public async Task AskAsync(string runId, Func<TaskCompletionSource, RunInput> ask, Func<RunState, string>? remedy = null)
    {
        var journal = Find(runId);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!loops.TryGetValue(runId, out var loop) || !loop.Post(ask(done)))
            throw HasEnded(journal, remedy);
        // A run that ends with the request still in its channel answers it by its end.
        await Task.WhenAny(done.Task, running[runId]);
        if (!done.Task.IsCompleted)
            throw HasEnded(journal, remedy);
        await done.Task;
    }

    private async Task LeadAsync(RunJournal journal, RunLoop loop)
    {
        string runId = journal.Row.RunId;
        try
        {
            await LeadToEndAsync(journal, loop);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            LogLeft(runId);
        }
        catch (TermOverException followed)
        {
            leadership.Lose(followed.Message);
        }
        finally
        {
            loops.TryRemove(runId, out _);
            loop.Dispose();
            journal.ReleaseMemory();
        }
    }

    /// <summary>A bug ends its run, not the coordinator.</summary>
    private async Task LeadToEndAsync(RunJournal journal, RunLoop loop)
    {
        string runId = journal.Row.RunId;
        try
        {
            await loop.RunAsync(lifetime.ApplicationStopping);
        }
        catch (Exception bug) when (bug is not (OperationCanceledException or TermOverException))
        {
            LogBroken(bug, runId);
            (journal.Row.State, journal.Row.Ended) = (RunState.Failed, services.Time.GetUtcNow().UtcDateTime);
            journal.Row.Reason = $"the coordinator failed: {bug.Message}; its log says more; {Resume}";
            journal.Show(journal.Row, []); // watchers see it even where the store has failed
            await journal.SaveAsync(journal.Row, [], lifetime.ApplicationStopping);
        }
    }

    private static RequestRefusedException HasEnded(RunJournal run, Func<RunState, string>? remedy)
    {
        var state = run.Run.State;
        return RequestRefusedException.WrongState(
            $"run {run.Row.RunId} has ended: {RunStateText.Lower(state)}{(remedy is null ? "" : $"; {remedy(state)}")}");
    }
}
