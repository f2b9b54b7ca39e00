using ClipDistributed.Contracts.Files;
using Microsoft.Data.Sqlite;

namespace ClipDistributed.Coordinator.Store.Databases;

/// <summary>Puts another database into the place of the one in a state folder, which no coordinator uses meanwhile.</summary>
internal sealed class SqliteReplacement : IDisposable
{
    private readonly FileStream taken;
    private readonly string file;

    private SqliteReplacement(FileStream taken, string file) => (this.taken, this.file) = (taken, file);

    /// <exception cref="Contracts.Errors.BadInputException">The folder cannot be written, or a coordinator uses it.</exception>
    public static SqliteReplacement Open(string folder) => new(SqliteDatabase.Take(folder), SqliteDatabase.NameIn(folder));

    /// <summary>What would be replaced.</summary>
    /// <returns>How many jobs it has, null: it is damaged; and its term.</returns>
    public (long? Jobs, long Term) Read()
    {
        if (!File.Exists(file))
            return (0, 0);
        try
        {
            return (Ask("SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM runs)"), Ask("SELECT max(Term) FROM coordinator"));
        }
        catch (SqliteException)
        {
            return (null, 0);
        }
    }

    /// <summary>At each moment the one or the other has the name.</summary>
    /// <param name="database">One file on the same disk.</param>
    /// <returns>The name under which the replaced one stays; null: there was none.</returns>
    public string? Put(string database, DateTimeOffset now)
    {
        string? aside = null;
        if (File.Exists(file))
        {
            aside = $"{file}.replaced-{now:yyyyMMdd-HHmmss}";
            SetAside(aside);
        }
        DurableFile.Replace(database, file);
        return aside;
    }

    /// <summary>A coordinator that is started there makes a lock of its own.</summary>
    public void Dispose() => GuardedFile.RemoveLock(SqliteDatabase.LockIn(Path.GetDirectoryName(file)!), taken);

    /// <summary>Gives it a second name, with what is written ahead of it: another database must not find that beside it.</summary>
    private void SetAside(string aside)
    {
        try
        {
            Execute("PRAGMA journal_mode=DELETE", command => command.ExecuteNonQuery());
        }
        catch (SqliteException)
        {
            // It is damaged, and set aside as it is.
        }
        GuardedFile.Link(file, aside);
        foreach (string ending in (string[])["-wal", "-shm"])
        {
            if (File.Exists(file + ending))
                File.Move(file + ending, aside + ending);
        }
    }

    private long Ask(string query) => Execute(query, command => (long)command.ExecuteScalar()!);

    private T Execute<T>(string statement, Func<SqliteCommand, T> run)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false };
        using var database = new SqliteConnection(settings.ConnectionString);
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = statement;
        return run(command);
    }
}
