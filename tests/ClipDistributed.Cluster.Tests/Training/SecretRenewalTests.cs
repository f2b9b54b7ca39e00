using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using Microsoft.Data.Sqlite;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Secrets of replicas are renewed while they train, every few seconds.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SecretRenewalTests(ClusterData data)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(24); // renewed after six

    /// <summary>After two renewals the first secret opens nothing: the next generation meets by those that replicas hold by then.
    /// </summary>
    [Fact]
    public async Task Renew_RunTrainsAndAnotherReplicaJoins_NoStepIsLost()
    {
        var spec = data.Spec("samples=400000", "evaluate.every_steps=0");
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(
            options => options with { SecretLifetime = Lifetime, LoadTimeout = Lifetime }, 2);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(directory, 5);
        var first = await cluster.StateAsync(runId);
        Assert.Equal((1L, 2), (first.Generation, first.Replicas.Count));
        var launched = Held(cluster);
        var second = await RenewedAsync(cluster, launched);
        await RenewedAsync(cluster, second);

        await cluster.AddHostAsync("b", 1);
        await cluster.Log.WaitAsync("GenerationBegins", ("RunId", runId), ("Generation", 2));
        long last;
        using (var tail = new StepTail(directory))
            last = tail.Last();
        await LiveCluster.UntilStepAsync(directory, last + 5);
        var joined = await cluster.StateAsync(runId);
        Assert.Equal((RunState.Running, 2L, 3), (joined.State, joined.Generation, joined.Replicas.Count));
        await cluster.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        var run = await cluster.FinishAsync(runId, directory);

        Assert.Equal((RunState.Stopped, 2L), (run.State, run.Generation));
        Assert.Equal(3, cluster.Log.Processes.Count);
        var recorded = ClusterData.Recorded(spec);
        Assert.Equal(Enumerable.Range(1, (int)run.Step).Select(step => (long)step), recorded.Steps.Select(step => step.Step));
        string[] expected = ["replica joined", "coordinator"]; // a busy machine may stop that for a second
        Assert.All(recorded.Incidents, one => Assert.Contains(one.What, expected));
    }

    /// <summary>Waits until each replica has shown a secret after the one that it held.</summary>
    private static async Task<Dictionary<string, string>> RenewedAsync(LiveCluster cluster, Dictionary<string, string> before)
    {
        using var late = new CancellationTokenSource(LiveCluster.Patience);
        while (true)
        {
            var now = Held(cluster);
            if (before.All(one => now[one.Key] != one.Value))
                return now;
            await Task.Delay(200, late.Token);
        }
    }

    /// <summary>The hash of the secret that each replica holds, as it is stored.</summary>
    private static Dictionary<string, string> Held(LiveCluster cluster)
    {
        string file = Path.Combine(Path.GetDirectoryName(cluster.TokenFile)!, "coordinator.db");
        using var database = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT ReplicaId, hex(SecretHash) FROM replicas";
        using var rows = command.ExecuteReader();
        var held = new Dictionary<string, string>();
        while (rows.Read())
            held.Add(rows.GetString(0), rows.GetString(1));
        return held;
    }
}
