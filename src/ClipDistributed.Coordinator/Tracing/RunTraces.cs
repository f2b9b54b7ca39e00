using System.Collections.Concurrent;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Tracing;

/// <summary>
/// Traces of runs, from what is saved of them: what a trace shows was durable. Begins before runs are taken over and ends after their
/// loops, so that spans which are open then are sent too. Thread-safe.
/// </summary>
internal sealed class RunTraces(ObservedStore store, TimeProvider time) : IHostedService
{
    private readonly ConcurrentDictionary<string, RunTrace> runs = new(StringComparer.Ordinal);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        store.Added += OnAdded;
        store.Saved += OnSaved;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        store.Added -= OnAdded;
        store.Saved -= OnSaved;
        foreach (var trace in runs.Values)
            trace.Leave(Now);
        return Task.CompletedTask;
    }

    private void OnAdded(RunRow run) => runs[run.RunId] = new RunTrace(run, run.Submitted, store.Term);

    /// <summary>The saves of a run come one after the other.</summary>
    private void OnSaved(RunRow run, RunNews news)
    {
        if (!runs.TryGetValue(run.RunId, out var trace))
            runs[run.RunId] = trace = new RunTrace(run, Now, store.Term); // it was another coordinator's
        trace.OnSaved(run, news, Now);
        if (run.Ended is not null)
            runs.TryRemove(run.RunId, out _);
    }
}
