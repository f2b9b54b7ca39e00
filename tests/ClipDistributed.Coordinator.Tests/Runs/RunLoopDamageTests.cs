using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Tests.Scripted;
using Microsoft.Data.Sqlite;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Files of one run that are damaged end that run, not its coordinator.</summary>
public sealed class RunLoopDamageTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_PoisonRowsFileDamaged_ThatRunAloneFails(bool hasReplicas)
    {
        var before = await TestCoordinator.StartAsync();
        var host = hasReplicas ? await before.HostAsync("a") : null;
        string damaged = await before.SubmitAsync(before.Spec(name: "damaged"));
        string replica = host is null ? "" : (await host.LaunchAsync()).ReplicaId;
        string sound = await before.SubmitAsync(before.Spec(name: "sound"));
        string file = new RunDirectory((await before.RunAsync(damaged)).RunDirectory).PoisonRows;
        File.WriteAllText(file, "[{\"shar\"row\":9}]d\":0\"row\"");

        await using var after = await before.RestartAsync();
        await using var back = hasReplicas ? await after.HostAsync("a", replica) : null;
        if (back is not null)
            await back.ExitedAsync(replica, 0);

        var failed = await after.UntilAsync(damaged, RunState.Failed);
        Assert.StartsWith($"{file} is damaged (line 1 ", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("or delete it", failed.Reason, StringComparison.Ordinal);
        Assert.False((await after.RunAsync(sound)).State is RunState.Failed);
    }

    [Fact]
    public async Task Restart_JobMissingInTheStore_ThatRunAloneFails()
    {
        var before = await TestCoordinator.StartAsync();
        string damaged = await before.SubmitAsync(before.Spec(name: "damaged")),
            sound = await before.SubmitAsync(before.Spec(name: "sound"));
        await using var after = await before.RestartAsync(state =>
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = Path.Combine(state, "coordinator.db"), Pooling = false }.ConnectionString
            );
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DELETE FROM jobs WHERE JobId = 'damaged'";
            Assert.Equal(1, command.ExecuteNonQuery());
        });
        Assert.Contains("its job damaged is missing", (await after.UntilAsync(damaged, RunState.Failed)).Reason, StringComparison.Ordinal);
        Assert.False((await after.RunAsync(sound)).State is RunState.Failed);
    }
}
