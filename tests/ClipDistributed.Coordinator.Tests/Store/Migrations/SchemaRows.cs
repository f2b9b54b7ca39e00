using System.Data.Common;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace ClipDistributed.Coordinator.Tests.Store.Migrations;

/// <summary>A row in each table of a database, whatever columns its tables have, each with a value that the model can read.</summary>
internal sealed class SchemaRows(CoordinatorDb db)
{
    /// <summary>Columns of former tables that have another name in the model.</summary>
    public static readonly IReadOnlyDictionary<string, string> Renamed = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["runs.Phase"] = "runs.State", ["runs.EndPhase"] = "runs.EndState", ["runs.Wish"] = "runs.StopRequest",
        ["runs.WantsCheckpoint"] = "runs.CheckpointRequested", ["incidents.StepsRedone"] = "incidents.StepsRecomputed",
        ["coordinator.Beat"] = "coordinator.Heartbeats",
    };

    private readonly Dictionary<string, IProperty> model = (
        from table in db.Model.GetEntityTypes()
        from property in table.GetProperties()
        select (Column: $"{table.GetTableName()}.{property.GetColumnName()}", property)
    ).ToDictionary(one => one.Column, one => one.property, StringComparer.Ordinal);

    private readonly bool isPostgres = db.Database.IsNpgsql();

    /// <summary>By table and column, as in <c>runs.Step</c>; the table coordinator has its row already.</summary>
    public async Task<Dictionary<string, string>> AddAsync()
    {
        foreach (string table in (await TablesAsync()).Except(["coordinator"]))
        {
            var columns = (await ColumnsAsync(table)).Select(column => (column.Name, Property: Property($"{table}.{column.Name}")))
                .Where(column => column.Property.ValueGenerated != ValueGenerated.OnAdd).ToList(); // the database numbers the rows
            string names = string.Join(", ", columns.Select(column => $"\"{column.Name}\""));
            string values = string.Join(", ", columns.Select(column => Value(column.Property)));
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

    private IProperty Property(string column) => model[Renamed.GetValueOrDefault(column, column)];

    private string Value(IProperty property)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        if (type.IsEnum)
            return $"'{Enum.GetNames(type)[1]}'"; // 0 is unspecified
        if (type == typeof(DateTime))
            return "'2026-01-02 03:04:05'";
        if (type == typeof(string))
            return $"'{property.Name} of {property.DeclaringType.GetTableName()}'";
        if (type == typeof(byte[]))
            return isPostgres ? @"'\x0a'" : "x'0a'";
        if (type == typeof(bool))
            return "TRUE";
        return type == typeof(double) ? "2.5" : "1";
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
