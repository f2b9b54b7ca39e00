using System.Data.Common;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Tests.Store.Migrations;

/// <summary>A row in each table of a database, whatever columns its tables have, as SQL alone sees them.</summary>
internal sealed class SchemaRows(CoordinatorDb db)
{
    private const string Time = "2026-01-02 03:04:05";

    /// <summary>In SQLite a time is text, and so are the names of states.</summary>
    private static readonly string[] Times =
    [
        "Time", "Submitted", "Started", "Ended", "Announced", "Launched", "Released", "Opened", "Closed", "Since", "Renewed", "Connected",
        "Lost", "Accepted", "Created", "Expires", "Revoked", "LastUsed", "Counted", "PausedSince", "Deleted",
    ];

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["runs.State"] = "Running", ["runs.Phase"] = "Running", ["runs.StopRequest"] = "Stopping", ["runs.Wish"] = "Stopping",
        ["runs.EndState"] = "Stopped", ["runs.EndPhase"] = "Stopped", ["runs.PauseRequest"] = "Pausing", ["runs.Kind"] = "Cpu",
        ["replicas.Kind"] = "Cpu", ["incidents.Kind"] = "ReplicaLost", ["tokens.Role"] = "Admin",
    };

    private readonly bool isPostgres = db.Database.IsNpgsql();

    /// <summary>By table and column, as in <c>runs.Step</c>; the table coordinator has its row already.</summary>
    public async Task<Dictionary<string, string>> AddAsync()
    {
        foreach (string table in (await TablesAsync()).Except(["coordinator"]))
        {
            var columns = (await ColumnsAsync(table)).Where(column => column.Name != "Place").ToList(); // the database numbers the rows
            string names = string.Join(", ", columns.Select(column => $"\"{column.Name}\""));
            string values = string.Join(", ", columns.Select(column => Value(table, column.Name, column.Type)));
            await ExecuteAsync($"INSERT INTO {table} ({names}) VALUES ({values})");
        }
        return await ReadAsync();
    }

    /// <summary>As above; each table has one row.</summary>
    public async Task<Dictionary<string, string>> ReadAsync()
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string table in await TablesAsync())
        {
            var columns = await ColumnsAsync(table);
            string all = string.Join(", ", columns.Select(column => Shown(column.Name, column.Type)));
            var rows = await QueryAsync($"SELECT {all} FROM {table}", reader =>
                columns.Select((column, at) => ($"{table}.{column.Name}", reader.IsDBNull(at) ? "NULL" : reader.GetString(at))).ToList());
            foreach (var (column, value) in Assert.Single(rows))
                values[column] = value;
        }
        return values;
    }

    private string Value(string table, string column, string type)
    {
        if (Names.TryGetValue($"{table}.{column}", out string? name))
            return $"'{name}'";
        if (type.Contains("time", StringComparison.Ordinal) || type == "TEXT" && Times.Contains(column))
            return $"'{Time}'";
        return type switch
        {
            "bytea" => @"'\x0a'",
            "BLOB" => "x'0a'",
            "boolean" => "TRUE",
            "TEXT" or "text" or "character varying" => $"'{column} of {table}'",
            "double precision" or "REAL" => "2.5",
            _ => "1",
        };
    }

    private string Shown(string column, string type) => type switch
    {
        "BLOB" => $"hex(\"{column}\")",
        _ => isPostgres ? $"\"{column}\"::text" : $"CAST(\"{column}\" AS TEXT)",
    };

    private Task<List<string>> TablesAsync() => QueryAsync(
        isPostgres
            ? "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
            : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        reader => reader.GetString(0));

    private Task<List<(string Name, string Type)>> ColumnsAsync(string table) => QueryAsync(
        isPostgres
            ? $"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
            : $"SELECT name, type FROM pragma_table_info('{table}')",
        reader => (reader.GetString(0), reader.GetString(1)));

    private async Task ExecuteAsync(string statement)
    {
        await using var command = await CommandAsync(statement);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private async Task<List<T>> QueryAsync<T>(string query, Func<DbDataReader, T> read)
    {
        await using var command = await CommandAsync(query);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }

    private async Task<DbCommand> CommandAsync(string text)
    {
        await db.Database.OpenConnectionAsync();
        var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = text;
        return command;
    }
}
