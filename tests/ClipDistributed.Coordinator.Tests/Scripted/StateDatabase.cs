using Microsoft.Data.Sqlite;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>The database in a state folder that no coordinator uses just now.</summary>
internal static class StateDatabase
{
    /// <param name="statement">Changes one row.</param>
    public static void Change(string folder, string statement)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(folder, "coordinator.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = statement;
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
