using System.Globalization;
using ClipDistributed.Contracts.Errors;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

/// <summary>
/// What a coordinator must not forget. A call that returns has made its change durable. One process uses a store at a
/// time. Thread-safe.
/// </summary>
internal sealed class RunStore : IDisposable
{
    private readonly DbContextOptions<CoordinatorDb> database;
    private readonly FileStream taken;

    /// <exception cref="BadInputException">The folder cannot be used: not writable, in use, or of another version.</exception>
    public RunStore(CoordinatorOptions options)
    {
        string file = Path.Combine(options.StateDirectory, "coordinator.db");
        taken = Take(options.StateDirectory);
        database = new DbContextOptionsBuilder<CoordinatorDb>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file }.ConnectionString)
            .AddInterceptors(new DurableConnections())
            .Options;
        try
        {
            CheckVersion(file);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>All jobs and runs, in the order of their submission.</summary>
    public async Task<(IReadOnlyList<JobRow> Jobs, IReadOnlyList<RunRow> Runs)> LoadAsync()
    {
        await using var db = new CoordinatorDb(database);
        return (await db.Jobs.AsNoTracking().OrderBy(job => job.Submitted).ToListAsync(), await db.Runs.AsNoTracking().OrderBy(run => run.Place).ToListAsync());
    }

    /// <summary>Adds a run and its job, or replaces the job where there is one of that id.</summary>
    public async Task AddAsync(JobRow job, RunRow run)
    {
        await using var db = new CoordinatorDb(database);
        db.Entry(job).State = await db.Jobs.AnyAsync(row => row.JobId == job.JobId) ? EntityState.Modified : EntityState.Added;
        db.Runs.Add(run);
        await db.SaveChangesAsync();
    }

    /// <summary>Writes a run's state together with what it said since the last time.</summary>
    public async Task SaveAsync(RunRow run, IReadOnlyList<RecordRow> records, GenerationRow? begun = null)
    {
        await using var db = new CoordinatorDb(database);
        db.Runs.Update(run);
        db.Records.AddRange(records);
        if (begun is not null)
            db.Generations.Add(begun);
        await db.SaveChangesAsync();
    }

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
