using System.Data.Common;
using System.Globalization;
using ClipDistributed.Contracts.Errors;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ClipDistributed.Coordinator.Store;

/// <summary>
/// What a coordinator must not forget. A call that returns has made its change durable. Each store that is opened takes the
/// next term; what is written under an older one is refused, so that a coordinator that was followed by another changes
/// nothing. Thread-safe.
/// </summary>
internal sealed class RunStore : IDisposable
{
    private readonly DbContextOptions<CoordinatorDb> database;
    private readonly FileStream taken;

    /// <param name="watchers">See what is sent to the database.</param>
    /// <exception cref="BadInputException">The folder cannot be used: not writable, in use, or of another version.</exception>
    public RunStore(CoordinatorOptions options, params IInterceptor[] watchers)
    {
        string file = Path.Combine(options.StateDirectory, "coordinator.db");
        taken = Take(options.StateDirectory);
        database = new DbContextOptionsBuilder<CoordinatorDb>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file }.ConnectionString)
            .AddInterceptors([new DurableConnections(), .. watchers])
            .Options;
        try
        {
            CheckVersion(file);
            Term = TakeTerm();
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Of this coordinator; higher than those of all before it.</summary>
    public long Term { get; }

    /// <summary>All jobs and runs, in the order of their submission.</summary>
    public async Task<(IReadOnlyList<JobRow> Jobs, IReadOnlyList<RunRow> Runs)> LoadAsync()
    {
        await using var db = new CoordinatorDb(database);
        return (await db.Jobs.AsNoTracking().OrderBy(job => job.Submitted).ToListAsync(), await db.Runs.AsNoTracking().OrderBy(run => run.Place).ToListAsync());
    }

    /// <summary>What was written of a run that has not ended.</summary>
    public async Task<RunHistory> HistoryAsync(RunRow run)
    {
        await using var db = new CoordinatorDb(database);
        var replicas = await db.Replicas.AsNoTracking().Where(replica => replica.RunId == run.RunId && replica.Released == null).ToListAsync();
        var generation = await db.Generations.AsNoTracking().SingleOrDefaultAsync(row => row.RunId == run.RunId && row.Number == run.Generation);
        var recorded = await db.Records.AsNoTracking().Where(record => record.RunId == run.RunId && record.Generation == run.Generation && record.ReplicaId != "")
            .GroupBy(record => record.ReplicaId).Select(said => new { ReplicaId = said.Key, Number = said.Max(record => record.Number) }).ToDictionaryAsync(said => said.ReplicaId, said => said.Number);
        return new RunHistory(replicas, generation, recorded);
    }

    /// <summary>The sequence number of a run's last record; 0: none.</summary>
    public async Task<long> LastRecordAsync(string runId)
    {
        await using var db = new CoordinatorDb(database);
        return await db.Records.Where(record => record.RunId == runId).MaxAsync(record => (long?)record.Sequence) ?? 0;
    }

    /// <summary>Adds a run and its job, or replaces the job where there is one of that id.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task AddAsync(JobRow job, RunRow run) => WriteAsync(async db =>
    {
        db.Entry(job).State = await db.Jobs.AnyAsync(row => row.JobId == job.JobId) ? EntityState.Modified : EntityState.Added;
        db.Runs.Add(run);
    });

    /// <summary>Writes a run's state together with what has become of it since the last time.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task SaveAsync(RunRow run, RunNews news) => WriteAsync(db =>
    {
        db.Runs.Update(run);
        db.Records.AddRange(news.Records);
        db.Generations.AddRange(news.Begun);
        db.Replicas.AddRange(news.Launched);
        db.Replicas.UpdateRange(news.Released);
        return Task.CompletedTask;
    });

    /// <summary>The database cannot be reached or written just now: what was to be saved can be saved later.</summary>
    public static bool IsAway(Exception failed) => failed is DbUpdateException { InnerException: { } cause } ? IsAway(cause)
        : failed is DbException and not SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CONSTRAINT };

    /// <summary>Records after a sequence number, the oldest first.</summary>
    public async Task<IReadOnlyList<RecordRow>> RecordsAsync(string runId, long after, int most, CancellationToken cancel)
    {
        await using var db = new CoordinatorDb(database);
        return await db.Records.AsNoTracking().Where(record => record.RunId == runId && record.Sequence > after)
            .OrderBy(record => record.Sequence).Take(most).ToListAsync(cancel);
    }

    public void Dispose()
    {
        using (var db = new CoordinatorDb(database))
            SqliteConnection.ClearPool((SqliteConnection)db.Database.GetDbConnection());
        taken.Dispose();
    }

    /// <summary>One transaction, which holds only where the term is still this one's.</summary>
    private async Task WriteAsync(Func<CoordinatorDb, Task> change)
    {
        await using var db = new CoordinatorDb(database);
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await db.Coordinator.Where(row => row.Term == Term).ExecuteUpdateAsync(row => row.SetProperty(one => one.Term, Term)) == 0)
            throw new TermOverException(Term);
        await change(db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    private long TakeTerm()
    {
        using var db = new CoordinatorDb(database);
        using var transaction = db.Database.BeginTransaction();
        db.Coordinator.ExecuteUpdate(row => row.SetProperty(one => one.Term, one => one.Term + 1));
        long term = db.Coordinator.Single().Term;
        transaction.Commit();
        return term;
    }

    /// <summary>The lock is the open file: it is gone when its process is.</summary>
    private static FileStream Take(string folder)
    {
        string file = Path.Combine(folder, ".lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException || denied is IOException && !File.Exists(file))
        {
            throw new BadInputException($"The state directory {folder} cannot be written ({denied.Message}); choose another with --state.");
        }
        catch (IOException)
        {
            throw new BadInputException($"The state directory {folder} is in use by another coordinator; stop that one, or choose another directory with --state.");
        }
    }

    private void CheckVersion(string file)
    {
        using var db = new CoordinatorDb(database);
        try
        {
            bool isNew = db.Database.EnsureCreated();
            if (isNew)
                db.Database.ExecuteSqlRaw(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={CoordinatorDb.Version}"));
            int version = db.Database.SqlQueryRaw<int>("SELECT user_version AS Value FROM pragma_user_version").Single();
            if (version != CoordinatorDb.Version)
                throw new BadInputException($"{file} has version {version}; this program knows {CoordinatorDb.Version}. Use the program that wrote it, or another directory with --state.");
        }
        catch (SqliteException broken)
        {
            throw new BadInputException($"{file} cannot be used ({broken.Message}); choose another directory with --state, or put the file aside.");
        }
    }
}
