using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Store;

/// <summary>
/// What a coordinator must not forget. A call that returns has made its change durable, all of it or nothing. A write that
/// failed may have been made all the same, its answer lost: every write can be tried again. Thread-safe.
/// </summary>
internal interface IRunStore
{
    /// <summary>Of this coordinator; higher than those of all before it.</summary>
    long Term { get; }

    /// <summary>How long no coordinator gave a sign of life before this one, as far as this one watched; null: there was none, or it gives
    /// none.</summary>
    TimeSpan? Unled { get; }

    /// <summary>How long ago this same coordinator had to leave off, for the store was away; null: it did not, or led never
    /// before.</summary>
    TimeSpan? LeftOff { get; }

    /// <summary>All jobs and runs, in the order of their submission.</summary>
    Task<(IReadOnlyList<JobRow> Jobs, IReadOnlyList<RunRow> Runs)> LoadAsync();

    /// <summary>What was written of a run that has not ended.</summary>
    Task<RunHistory> HistoryAsync(RunRow run);

    /// <summary>All of a run, in the order of their numbers.</summary>
    Task<IReadOnlyList<IncidentRow>> IncidentsAsync(string runId);

    /// <summary>The sequence number of a run's last record; 0: none.</summary>
    Task<long> LastRecordAsync(string runId);

    /// <summary>Adds a run and its job, or replaces the job where there is one of that id. Nothing happens where the run was added
    /// before.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    Task AddAsync(JobRow job, RunRow run);

    /// <summary>Writes a run's state together with what has become of it since the last time. Nothing happens where this save of the run
    /// was made before.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    Task SaveAsync(RunRow run, RunNews news);

    /// <summary>Leaves of a run that has ended its row alone, marked as deleted.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    Task DeleteAsync(string runId, DateTime now);

    /// <summary>Lost replicas that count as failures of their hosts, released since a moment, in the order of their release.</summary>
    Task<IReadOnlyList<ReplicaRow>> FailuresAsync(DateTime since);

    /// <summary>A host's failures count no longer.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    Task ClearFailuresAsync(string host);

    /// <summary>The database cannot be reached or written just now: what was tried can be tried again.</summary>
    bool IsAway(Exception failed);

    /// <summary>Records after a sequence number, the oldest first.</summary>
    Task<IReadOnlyList<RecordRow>> RecordsAsync(string runId, long after, int most, CancellationToken cancel);
}
