using System.Diagnostics;
using System.Globalization;
using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Databases;
using Grpc.Core;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Two coordinators with one PostgreSQL database: the one that leads dies or stands still, and the other leads the same replicas
/// on.</summary>
[Collection(ClusterCollection.Name)]
public sealed class StandbyTests(ClusterData data)
{
    private const long Before = 5;

    // As of CoordinatorFaultTests: what one replica makes of them is computed once.
    private static readonly string[] Steps = ["samples=6400", "evaluate.every_steps=0"];

    [Fact]
    public async Task Leader_Killed_TheStandbyLeadsTheSameGenerationOn()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        await using var server = await PostgresServer.StartAsync();
        var spec = data.Spec(Steps);
        await using var cluster = await LiveCluster.StartPairAsync(await server.NewDatabaseAsync(), 2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), Before);

        var since = Stopwatch.StartNew();
        await cluster.Coordinator.KillAsync();
        await TakenOverAsync(cluster, spec, since);

        AssertUndisturbed(await cluster.Ask(cluster.Standby).EndAsync(runId), spec, cluster);
    }

    [Fact]
    public async Task Leader_StoppedUntilTheStandbyLeads_ChangesNothingWhenItWakesUp()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        await using var server = await PostgresServer.StartAsync();
        var spec = data.Spec(Steps);
        await using var cluster = await LiveCluster.StartPairAsync(await server.NewDatabaseAsync(), 2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), Before);

        var since = Stopwatch.StartNew();
        cluster.Coordinator.Stop();
        await TakenOverAsync(cluster, spec, since);
        cluster.Coordinator.Continue();
        var lost = await cluster.Log.WaitAsync("LeadershipLost", ("Term", 1));
        await cluster.Log.WaitAfterAsync(lost, "StandsBy");
        await AssertRedirectsAsync(cluster);

        AssertUndisturbed(await cluster.Ask(cluster.Standby).EndAsync(runId), spec, cluster);
    }

    private static async Task TakenOverAsync(LiveCluster cluster, TrainingSpec spec, Stopwatch since)
    {
        await cluster.Log.WaitAsync("Leads", ("Term", 2));
        var leads = since.Elapsed;
        // On a busy machine fewer than three are back by then, for their pings of the stopped leader take ten seconds to fail; the others
        // come while steps go on, and none is evicted. Where the database is as slow, the leader steps down and leads again, in term 3.
        var adopted = await cluster.Log.WaitAsync("RunAdopted");
        using var tail = new StepTail(new(spec.RunDirectory));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"the standby led after {leads.TotalSeconds:0.00} s, {adopted["Back"]} replicas were back after "
            + $"{since.Elapsed.TotalSeconds:0.00} s, at step {tail.Last()} of {spec.Samples / spec.Batch.Global}"));
    }

    /// <summary>The first coordinator names the second; a leader's address is in the store from its second heartbeat on.</summary>
    private static async Task AssertRedirectsAsync(LiveCluster cluster)
    {
        using var patience = new CancellationTokenSource(LiveCluster.Patience);
        while (true)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await cluster.Control.ListRunsAsync(new ListRunsRequest()));
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
            if (refused.Status.Detail.Contains(cluster.Standby.Address, StringComparison.Ordinal))
                return;
            await Task.Delay(100, patience.Token);
        }
    }

    /// <summary>One generation of the replicas that were started first, and every step once: the trajectory of a run alone.</summary>
    private void AssertUndisturbed(Run run, TrainingSpec spec, LiveCluster cluster)
    {
        Assert.True(run is { State: RunState.Succeeded, Reason: "", Generation: 1, Term: >= 2 }, $"{run}\n{cluster.Log.Text}");
        Assert.Equal(3, cluster.Log.Processes.Count);
        ClusterData.Recorded(spec).AssertFollows(data.Alone(Steps));
        Assert.Single(File.ReadLines(new RunDirectory(spec.RunDirectory).Events)
            .Select(line => RunRecordJson.TryParse(line)?.Started).OfType<RunStarted>());
    }
}
