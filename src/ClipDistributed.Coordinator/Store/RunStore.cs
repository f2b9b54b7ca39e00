using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ClipDistributed.Coordinator.Store;

/// <summary>
/// The durable state of a coordinator in a database. Each leader takes the next term, a fencing token: writes under an older one are
/// refused, so that a coordinator that was replaced changes nothing.
/// </summary>
internal sealed partial class RunStore : IRunStore, IDisposable
{
    private readonly IStoreDatabase database;
    private bool isOwner; // of the database

    private RunStore(IStoreDatabase database, long term, TimeSpan? leaderGap, TimeSpan? sinceStepDown) =>
        (this.database, Term, LeaderGap, SinceStepDown) = (database, term, leaderGap, sinceStepDown);

    /// <inheritdoc/>
    public long Term { get; }

    /// <inheritdoc/>
    public TimeSpan? LeaderGap { get; }

    /// <inheritdoc/>
    public TimeSpan? SinceStepDown { get; }

    /// <summary>Several coordinators may use the database: this one leads for as long as it sends heartbeats.</summary>
    public bool IsShared => database.IsShared;

    /// <summary>Opens the database that the options name, and leads, even where another coordinator did.</summary>
    /// <param name="watchers">Intercept the commands to the database.</param>
    /// <exception cref="BadInputException">It cannot be used, or another coordinator is quicker.</exception>
    public static RunStore Open(CoordinatorOptions options, params IInterceptor[] watchers)
    {
        var database = StoreSchema.Open(options, watchers);
        try
        {
            var store = TryLeadAsync(database, ReadLeader(database), Guid.NewGuid().ToString("N")).GetAwaiter().GetResult()
                ?? throw new BadInputException($"{database.Name} was taken by another coordinator just now; start this one again.");
            store.isOwner = true;
            return store;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Takes the next term, unless the leader has sent a heartbeat since.</summary>
    /// <param name="seen">As it was read before.</param>
    /// <param name="holder">A name that no other coordinator has.</param>
    /// <param name="leaderGap">How long ago the last heartbeat was first read, by this process's monotonic clock: wall clocks may be
    /// set.</param>
    /// <param name="sinceStepDown">As of <see cref="IRunStore.SinceStepDown"/>.</param>
    /// <returns>The store to lead with; null: another one was quicker, or the holder of the term lives.</returns>
    public static async Task<RunStore?> TryLeadAsync(
        IStoreDatabase database,
        CoordinatorRow seen,
        string holder,
        TimeSpan leaderGap = default,
        TimeSpan? sinceStepDown = null
    )
    {
        await using var db = new CoordinatorDb(database.Options);
        var now = DateTime.UtcNow;
        int taken = await db
            .Coordinator.Where(row => row.Term == seen.Term && row.Heartbeats == seen.Heartbeats)
            .ExecuteUpdateAsync(row =>
                row.SetProperty(one => one.Term, one => one.Term + 1)
                    .SetProperty(one => one.Heartbeats, one => one.Heartbeats + 1)
                    .SetProperty(one => one.Holder, holder)
                    .SetProperty(one => one.Address, "")
                    .SetProperty(one => one.Renewed, now)
            );
        return taken == 0
            ? null
            : new RunStore(database, seen.Term + 1, database.IsShared && seen.Renewed is not null ? leaderGap : null, sinceStepDown);
    }

    /// <summary>The leader's row.</summary>
    public static async Task<CoordinatorRow> ReadLeaderAsync(IStoreDatabase database, CancellationToken cancel)
    {
        await using var db = new CoordinatorDb(database.Options);
        return await db.Coordinator.AsNoTracking().SingleAsync(cancel);
    }

    /// <summary>Sends a heartbeat.</summary>
    /// <param name="address">Where this coordinator is reached.</param>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public async Task HeartbeatAsync(string address, CancellationToken cancel)
    {
        await using var db = new CoordinatorDb(database.Options);
        var now = DateTime.UtcNow;
        int held = await db.Coordinator.Where(row => row.Term == Term).ExecuteUpdateAsync(row => row
            .SetProperty(one => one.Heartbeats, one => one.Heartbeats + 1)
            .SetProperty(one => one.Address, address)
            .SetProperty(one => one.Renewed, now), cancel);
        if (held == 0)
            throw new TermOverException(Term);
    }

    /// <summary>Returns where the database answers.</summary>
    public async Task PingAsync(CancellationToken cancel) => await ReadLeaderAsync(database, cancel);

    /// <summary>Resigns: a standby need not wait for the lease.</summary>
    public async Task ResignAsync(CancellationToken cancel)
    {
        await using var db = new CoordinatorDb(database.Options);
        await db.Coordinator.Where(row => row.Term == Term).ExecuteUpdateAsync(row => row.SetProperty(one => one.Holder, ""), cancel);
    }

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<JobRow> Jobs, IReadOnlyList<RunRow> Runs)> LoadAsync()
    {
        await using var db = new CoordinatorDb(database.Options);
        // By their places: a wall clock may have been set between two submissions.
        return (
            await db.Jobs.AsNoTracking().OrderBy(job => db.Runs.Where(run => run.JobId == job.JobId).Max(run => run.Place)).ToListAsync(),
            await db.Runs.AsNoTracking().OrderBy(run => run.Place).ToListAsync()
        );
    }

    /// <inheritdoc/>
    public async Task<RunHistory> HistoryAsync(RunRow run)
    {
        await using var db = new CoordinatorDb(database.Options);
        return await RunHistory.ReadAsync(db, run);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IncidentRow>> IncidentsAsync(string runId)
    {
        await using var db = new CoordinatorDb(database.Options);
        return await db.Incidents.AsNoTracking().Where(row => row.RunId == runId).OrderBy(row => row.Number).ToListAsync();
    }

    /// <inheritdoc/>
    public async Task<long> LastRecordAsync(string runId)
    {
        await using var db = new CoordinatorDb(database.Options);
        return await db.Records.Where(record => record.RunId == runId).MaxAsync(record => (long?)record.Sequence) ?? 0;
    }

    /// <inheritdoc/>
    public Task AddAsync(JobRow job, RunRow run, RequestRow? request = null) => WriteAsync(async db =>
    {
        run.Place = await db.Runs.Where(row => row.RunId == run.RunId).Select(row => row.Place).SingleOrDefaultAsync();
        if (run.Place > 0)
            return;
        db.Entry(job).State = await db.Jobs.AnyAsync(row => row.JobId == job.JobId) ? EntityState.Modified : EntityState.Added;
        db.Runs.Add(run);
        if (request is not null)
            db.Requests.Add(request);
    });

    /// <inheritdoc/>
    public Task SaveAsync(RunRow run, RunNews news) => WriteAsync(async db =>
    {
        if (await db.Runs.AnyAsync(row => row.Place == run.Place && row.Saves >= run.Saves))
            return;
        db.Runs.Update(run);
        db.Records.AddRange(news.Records);
        db.Generations.AddRange(news.Begun);
        db.Shares.AddRange(news.Reshared);
        db.Replicas.AddRange(news.Launched);
        db.Replicas.UpdateRange(news.Released);
        db.Incidents.AddRange(news.Opened);
        db.Incidents.UpdateRange(news.Changed);
    });

    /// <inheritdoc/>
    public Task DeleteAsync(string runId, DateTime now) => WriteAsync(async db =>
    {
        await db.Records.Where(row => row.RunId == runId).ExecuteDeleteAsync();
        await db.Rollups.Where(row => row.RunId == runId).ExecuteDeleteAsync();
        await db.Incidents.Where(row => row.RunId == runId).ExecuteDeleteAsync();
        await db.Shares.Where(row => row.RunId == runId).ExecuteDeleteAsync();
        await db.Generations.Where(row => row.RunId == runId).ExecuteDeleteAsync();
        await db.Replicas.Where(row => row.RunId == runId).ExecuteDeleteAsync();
        await db.Runs.Where(row => row.RunId == runId).ExecuteUpdateAsync(row => row.SetProperty(one => one.Deleted, now));
    });

    /// <inheritdoc/>
    public bool IsUnavailable(Exception failed) => database.IsUnavailable(failed);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RecordRow>> RecordsAsync(string runId, long after, int max, CancellationToken cancel)
    {
        await using var db = new CoordinatorDb(database.Options);
        return await db.Records.AsNoTracking().Where(record => record.RunId == runId && record.Sequence > after)
            .OrderBy(record => record.Sequence).Take(max).ToListAsync(cancel);
    }

    public void Dispose()
    {
        if (isOwner)
            database.Dispose();
    }

    private static CoordinatorRow ReadLeader(IStoreDatabase database) =>
        ReadLeaderAsync(database, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>To read what the other methods do not give.</summary>
    public CoordinatorDb Read() => new(database.Options);

    /// <summary>One transaction, which holds only where the term is still this one's.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public async Task WriteAsync(Func<CoordinatorDb, Task> change)
    {
        await using var db = new CoordinatorDb(database.Options);
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await db.Coordinator.Where(row => row.Term == Term).ExecuteUpdateAsync(row => row.SetProperty(one => one.Term, Term)) == 0)
            throw new TermOverException(Term);
        await change(db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}
