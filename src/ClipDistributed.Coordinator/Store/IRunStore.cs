using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Store;

/// <summary>
/// The durable state of a coordinator. A call that returns has made its change durable, all of it or nothing. A write that failed may have
/// been committed all the same, its response lost: every write is idempotent and can be retried. Thread-safe.
/// </summary>
internal interface IRunStore
{
    /// <summary>Term of this coordinator: the fencing token, higher than those of all before it.</summary>
    long Term { get; }

    /// <summary>Time from the last heartbeat of the former leader to this one's, as far as this one watched; null: there was none, or the
    /// store is
    /// not shared.</summary>
    TimeSpan? LeaderGap { get; }

    /// <summary>How long ago this same coordinator stepped down because of a store outage; null: it did not.</summary>
    TimeSpan? SinceStepDown { get; }

    /// <summary>All jobs and runs, in the order of their submission.</summary>
    Task<(IReadOnlyList<JobRow> Jobs, IReadOnlyList<RunRow> Runs)> LoadAsync();

    /// <summary>What is stored of a run that has not ended.</summary>
    Task<RunHistory> HistoryAsync(RunRow run);

    /// <summary>All of a run, in the order of their numbers.</summary>
    Task<IReadOnlyList<IncidentRow>> IncidentsAsync(string runId);

    /// <summary>The sequence number of a run's last record; 0: none.</summary>
    Task<long> LastRecordAsync(string runId);

    /// <summary>Adds a run and its job, or replaces the job where there is one of that id. Nothing happens where the run was added
    /// before.</summary>
    /// <param name="request">By which the client may repeat the submission; null: it gave no id.</param>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    Task AddAsync(JobRow job, RunRow run, RequestRow? request = null);

    /// <summary>Writes a run's state together with what has become of it since the last time. Nothing happens where this save of the run
    /// was made before.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    Task SaveAsync(RunRow run, RunNews news);

    /// <summary>Deletes a run that has ended, except for its row, which is marked as deleted.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    Task DeleteAsync(string runId, DateTime now);

    /// <summary>
    /// Lost replicas that count as failures of their hosts or of their devices, released since a moment, in the order of their release.
    /// </summary>
    Task<IReadOnlyList<ReplicaRow>> FailuresAsync(DateTime since);

    /// <summary>Clears the failures of a host and of its devices.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    Task ClearFailuresAsync(string host);

    /// <summary>The database cannot be reached or written just now: the operation can be retried.</summary>
    bool IsUnavailable(Exception failed);

    /// <summary>Records after a sequence number, the oldest first.</summary>
    Task<IReadOnlyList<RecordRow>> RecordsAsync(string runId, long after, int max, CancellationToken cancel);
}
