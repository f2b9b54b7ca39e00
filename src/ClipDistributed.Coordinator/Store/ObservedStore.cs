using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Store;

/// <summary>A store that lets others see what runs have saved. Thread-safe.</summary>
internal sealed class ObservedStore(IRunStore store) : IRunStore
{
    /// <summary>A run was added.</summary>
    public event Action<RunRow>? Added;

    /// <summary>Was saved, once for each save; handlers return at once and keep nothing of it.</summary>
    public event Action<RunRow, RunNews>? Saved;

    /// <inheritdoc/>
    public long Term => store.Term;

    /// <inheritdoc/>
    public TimeSpan? LeaderGap => store.LeaderGap;

    /// <inheritdoc/>
    public TimeSpan? SinceStepDown => store.SinceStepDown;

    /// <inheritdoc/>
    public Task<(IReadOnlyList<JobRow> Jobs, IReadOnlyList<RunRow> Runs)> LoadAsync() => store.LoadAsync();

    /// <inheritdoc/>
    public Task<RunHistory> HistoryAsync(RunRow run) => store.HistoryAsync(run);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IncidentRow>> IncidentsAsync(string runId) => store.IncidentsAsync(runId);

    /// <inheritdoc/>
    public Task<long> LastRecordAsync(string runId) => store.LastRecordAsync(runId);

    /// <inheritdoc/>
    public async Task AddAsync(JobRow job, RunRow run, RequestRow? request = null)
    {
        await store.AddAsync(job, run, request);
        Added?.Invoke(run);
    }

    /// <inheritdoc/>
    public async Task SaveAsync(RunRow run, RunNews news)
    {
        await store.SaveAsync(run, news);
        Saved?.Invoke(run, news);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string runId, DateTime now) => store.DeleteAsync(runId, now);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ReplicaRow>> FailuresAsync(DateTime since) => store.FailuresAsync(since);

    /// <inheritdoc/>
    public Task ClearFailuresAsync(string host) => store.ClearFailuresAsync(host);

    /// <inheritdoc/>
    public bool IsUnavailable(Exception failed) => store.IsUnavailable(failed);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RecordRow>> RecordsAsync(string runId, long after, int max, CancellationToken cancel) =>
        store.RecordsAsync(runId, after, max, cancel);
}
