using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.TestKit.Simulation.Stores;

/// <summary>A store without a database, many times as quick as one. A test compares the two.</summary>
internal sealed class MemoryStore : ISimulatedStore
{
    private readonly MemoryTables tables = new();

    public IRunStore Lead(StoreFaults faults) => new View(tables, ++tables.Term, faults);

    public bool IsKept(string runId, StartGeneration generation) =>
        tables.Find(runId)?.Generations.GetValueOrDefault(generation.Generation) is { } row && row.StartStep == generation.StartStep;

    public string SharesOf(string runId, long generation, long step)
    {
        var run = tables.Find(runId)!;
        return run.Shares.Values.Where(row => row.Generation == generation && row.FirstStep <= step).MaxBy(row => row.FirstStep)?.Shares
            ?? run.Generations[generation].Shares;
    }

    public void Dispose()
    {
    }

    /// <summary>As one coordinator sees it.</summary>
    private sealed class View(MemoryTables tables, long term, StoreFaults faults) : IRunStore
    {
        public long Term => term;

        public TimeSpan? LeaderGap => term == 1 ? null : TimeSpan.Zero;

        public TimeSpan? SinceStepDown => null;

        public bool IsUnavailable(Exception failed) => StoreFaults.IsOne(failed);

        public Task<(IReadOnlyList<JobRow> Jobs, IReadOnlyList<RunRow> Runs)> LoadAsync() =>
            Task.FromResult<(IReadOnlyList<JobRow>, IReadOnlyList<RunRow>)>(
                (MemoryTables.CopyAll(tables.Jobs.Values), MemoryTables.CopyAll(tables.Runs.Select(run => run.Row)))
            );

        public Task<RunHistory> HistoryAsync(RunRow run)
        {
            var kept = tables.Find(run.RunId)!;
            var recorded = new Dictionary<string, long>();
            foreach (var record in kept.Records.Where(record => record.Generation == run.Generation && record.ReplicaId != ""))
                recorded[record.ReplicaId] = Math.Max(record.Number, recorded.GetValueOrDefault(record.ReplicaId));
            return Task.FromResult(
                new RunHistory(
                    MemoryTables.CopyAll(
                        kept.Replicas.Values.Where(replica => replica.Released is null)
                            .OrderBy(replica => replica.ReplicaId, StringComparer.Ordinal)
                    ), // as an index gives them
                    kept.Generations.TryGetValue(run.Generation, out var last) ? MemoryTables.Copy(last) : null,
                    MemoryTables.CopyAll(kept.Shares.Values.Where(row => row.Generation == run.Generation).OrderBy(row => row.FirstStep)),
                    recorded,
                    kept.Incidents.Values.Where(incident => incident.Closed is null).MaxBy(incident => incident.Number) is { } open
                        ? MemoryTables.Copy(open)
                        : null
                )
            );
        }

        public Task<IReadOnlyList<IncidentRow>> IncidentsAsync(string runId) =>
            Task.FromResult<IReadOnlyList<IncidentRow>>(
                MemoryTables.CopyAll(tables.Find(runId)!.Incidents.Values.OrderBy(row => row.Number))
            );

        public Task<long> LastRecordAsync(string runId) => Task.FromResult((long)tables.Find(runId)!.Records.Count);

        public Task<IReadOnlyList<RecordRow>> RecordsAsync(string runId, long after, int most, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<RecordRow>>(MemoryTables.CopyAll(tables.Find(runId)!.Records.Skip((int)after).Take(most)));

        public Task<IReadOnlyList<ReplicaRow>> FailuresAsync(DateTime since) =>
            Task.FromResult<IReadOnlyList<ReplicaRow>>(
                MemoryTables.CopyAll(
                    tables
                        .Runs.SelectMany(run => run.Replicas.Values)
                        .Where(row => row.Cause != "" && row.Released >= since)
                        .OrderBy(row => row.Released)
                )
            );

        public Task DeleteAsync(string runId, DateTime now) => WriteAsync(() =>
        {
            var kept = tables.Find(runId)!;
            return () =>
            {
                kept.Records.Clear();
                kept.Incidents.Clear();
                kept.Shares.Clear();
                kept.Generations.Clear();
                kept.Replicas.Clear();
                kept.Row.Deleted = now;
            };
        });

        public Task ClearFailuresAsync(string host) => WriteAsync(() => () =>
        {
            foreach (var row in tables.Runs.SelectMany(run => run.Replicas.Values).Where(row => row.Host == host))
                row.Cause = "";
        });

        /// <summary>No simulated client repeats a submission.</summary>
        public Task AddAsync(JobRow job, RunRow run, RequestRow? request = null) => WriteAsync(() =>
        {
            run.Place = tables.Find(run.RunId)?.Row.Place ?? 0;
            if (run.Place > 0)
                return null;
            run.Place = tables.Runs.Count + 1;
            return () =>
            {
                tables.Jobs[job.JobId] = MemoryTables.Copy(job);
                tables.Runs.Add(new MemoryRun(MemoryTables.Copy(run)));
            };
        });

        public Task SaveAsync(RunRow run, RunNews news) => WriteAsync(() =>
        {
            var kept = tables.Runs[(int)run.Place - 1];
            return kept.Row.Saves >= run.Saves ? null : () => Save(kept, run, news);
        });

        private static void Save(MemoryRun kept, RunRow run, RunNews news)
        {
            kept.Row = MemoryTables.Copy(run);
            foreach (var record in news.Records)
            {
                if (record.Sequence != kept.Records.Count + 1)
                    throw new InvalidOperationException($"Record {record.Sequence} of {run.RunId} follows {kept.Records.Count}.");
                kept.Records.Add(MemoryTables.Copy(record));
            }
            foreach (var row in news.Begun)
                kept.Generations.Add(row.Number, MemoryTables.Copy(row));
            foreach (var row in news.Reshared)
                kept.Shares.Add((row.Generation, row.FirstStep), MemoryTables.Copy(row));
            foreach (var row in news.Launched)
                kept.Replicas.Add(row.ReplicaId, MemoryTables.Copy(row));
            foreach (var row in news.Released)
                Replace(kept.Replicas, row.ReplicaId, row);
            foreach (var row in news.Opened)
                kept.Incidents.Add(row.Number, MemoryTables.Copy(row));
            foreach (var row in news.Changed)
                Replace(kept.Incidents, row.Number, row);
        }

        private static void Replace<TKey, T>(Dictionary<TKey, T> rows, TKey key, T row) where TKey : notnull where T : class
        {
            if (!rows.ContainsKey(key))
                throw new InvalidOperationException($"There is no row {key} to be changed.");
            rows[key] = MemoryTables.Copy(row);
        }

        /// <summary>One transaction, which holds only where the term is still this one's.</summary>
        /// <param name="prepare">Gives the change; null: there is none.</param>
        private async Task WriteAsync(Func<Action?> prepare)
        {
            if (tables.Term != term)
                throw new TermOverException(term);
            var change = prepare();
            faults.BeforeCommit();
            change?.Invoke();
            faults.AfterCommit();
            await Task.CompletedTask; // failures are those of the task
        }
    }
}
