using System.Collections.Concurrent;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>All jobs and runs that this coordinator knows, and the loops of the runs that have not ended. Thread-safe.</summary>
internal sealed partial class RunTable(RunStore store, RunSurroundings around, IHostApplicationLifetime lifetime, ILogger<RunTable> logger) : IHostedService
{
    private readonly Lock gate = new();
    private readonly List<JobRow> jobs = []; // in the order of submission, as runs
    private readonly List<RunJournal> runs = [];
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

    /// <exception cref="RequestRefusedException">There is no such run.</exception>
    public RunJournal Find(string runId) => Runs.FirstOrDefault(run => run.Row.RunId == runId)
        ?? throw RequestRefusedException.NotFound($"there is no run {runId}; clipd run list shows all");

    /// <summary>Brings back what the store holds. Runs that had not ended are lost with the process that led them.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (oldJobs, oldRuns) = await store.LoadAsync();
        jobs.AddRange(oldJobs);
        foreach (var row in oldRuns)
        {
            if (!RunJournal.IsEnd(row.Phase))
            {
                (row.Phase, row.Reason, row.Ended) = (RunPhase.Failed, "the coordinator was restarted; resume with clipd submit --resume", around.Time.GetUtcNow().UtcDateTime);
                await store.SaveAsync(row, []);
                LogAbandoned(row.RunId);
            }
            runs.Add(new RunJournal(store, row, around.Time));
        }
    }

    /// <summary>The loops end with the coordinator; their replicas do so too when their links break.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(running.Values);

    /// <summary>Makes a run durable and begins it.</summary>
    public async Task BeginAsync(JobRow job, RunRow run, RunWork work)
    {
        await store.AddAsync(job, run);
        var journal = new RunJournal(store, run, around.Time);
        var loop = new RunLoop(journal, work, around);
        loops[run.RunId] = loop;
        running[run.RunId] = Task.Run(() => LeadAsync(journal, loop));
        lock (gate)
        {
            // Last: who finds the run here finds its loop too.
            jobs.RemoveAll(other => other.JobId == job.JobId);
            jobs.Add(job);
            runs.Add(journal);
        }
    }

    /// <exception cref="RequestRefusedException">There is no such run, or it has ended.</exception>
    public Task StopAsync(string runId) => AskAsync(runId, done => new RunInput.Stop(done));

    /// <exception cref="RequestRefusedException">There is no such run, or it has ended.</exception>
    public Task CancelAsync(string runId) => AskAsync(runId, done => new RunInput.Cancel(done));

    private async Task AskAsync(string runId, Func<TaskCompletionSource, RunInput> ask)
    {
        var journal = Find(runId);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!loops.TryGetValue(runId, out var loop) || !loop.Post(ask(done)))
            throw HasEnded(journal);
        // A run that ends with the question still in its channel answers by its end.
        await Task.WhenAny(done.Task, running[runId]);
        if (!done.Task.IsCompleted)
            throw HasEnded(journal);
    }

    private async Task LeadAsync(RunJournal journal, RunLoop loop)
    {
        string runId = journal.Row.RunId;
        try
        {
            await loop.RunAsync(lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            LogLeft(runId);
        }
        catch (Exception bug)
        {
            LogBroken(bug, runId);
            (journal.Row.Phase, journal.Row.Reason, journal.Row.Ended) =
                (RunPhase.Failed, $"the coordinator failed: {bug.Message}; its log says more; clipd submit --resume goes on from the newest checkpoint", around.Time.GetUtcNow().UtcDateTime);
            journal.Show(); // where it was the store that failed, those who watch learn it all the same
            await journal.SaveAsync();
        }
        finally
        {
            loops.TryRemove(runId, out _);
            loop.Dispose();
        }
    }

    private static RequestRefusedException HasEnded(RunJournal run) =>
        RequestRefusedException.WrongState($"run {run.Row.RunId} has ended: {run.Run.Phase.ToString().ToLowerInvariant()}");

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RunAbandoned", Message = "Run {RunId} had not ended when the last coordinator did; it is marked failed and can be resumed from its newest checkpoint.")]
    private partial void LogAbandoned(string runId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RunLeft", Message = "The coordinator ends before run {RunId}; its replicas end too, and it can be resumed from its newest checkpoint.")]
    private partial void LogLeft(string runId);

    [LoggerMessage(Level = LogLevel.Error, EventName = "RunBroken", Message = "The loop of run {RunId} failed; the run is marked failed.")]
    private partial void LogBroken(Exception bug, string runId);
}
