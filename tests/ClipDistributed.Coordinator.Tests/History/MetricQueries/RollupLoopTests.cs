using ClipDistributed.Coordinator.Tests.Scripted;
using Microsoft.Data.Sqlite;

namespace ClipDistributed.Coordinator.Tests.History.MetricQueries;

public sealed class RollupLoopTests
{
    [Fact]
    public async Task Loop_RunThatTrains_IsRolledUpWithoutAQuestion()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with
        {
            Limits = options.Limits with { RollupInterval = TimeSpan.FromMilliseconds(20) },
        });
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(steps: 100));
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        for (int step = 1; step <= 40; step++)
            await replica.RecordAsync(step, loss: 1);
        await replica.PersistedAsync(40);

        using var patience = new CancellationTokenSource(TestCoordinator.Patience);
        while (await NarrowAsync(coordinator, runId) < 2)
            patience.Token.ThrowIfCancellationRequested();
    }

    private static async Task<long> NarrowAsync(TestCoordinator coordinator, string runId)
    {
        string file = Path.Combine(coordinator.StateDirectory, "coordinator.db");
        await using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM rollups WHERE RunId = $run AND Width = 16";
        command.Parameters.AddWithValue("$run", runId);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
