using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>The coordinator's process dies or stands still: steps go on meanwhile, and it leads the same replicas on.</summary>
[Collection(ClusterCollection.Name)]
public sealed class CoordinatorFaultTests(ClusterData data)
{
    private const long Before = 5;

    // 36 more than replicas are assigned ahead: some are left when the coordinator is back.
    private static readonly string[] Steps = ["samples=6400", "evaluate.every_steps=0"];

    [Fact]
    public async Task Coordinator_KilledAndStartedAgain_LeadsTheSameGenerationOn()
    {
        var spec = data.Spec(Steps);
        await using var cluster = await LiveCluster.StartApartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), Before);

        await cluster.Coordinator.KillAsync();
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), LastOf(spec) + 2); // without a coordinator
        await cluster.Coordinator.StartAgainAsync();

        var run = await cluster.EndAsync(runId);
        Assert.Equal(2, run.Term);
        AssertUndisturbed(run, spec, cluster);
    }

    [Fact]
    public async Task Coordinator_StopsForLongerThanTheLeases_EvictsNobody()
    {
        var spec = data.Spec(Steps);
        await using var cluster = await LiveCluster.StartApartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), Before);

        cluster.Coordinator.Stop();
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), LastOf(spec) + 2);
        await Task.Delay(TimeSpan.FromSeconds(7)); // longer than the leases of replicas and hosts, by the clock
        cluster.Coordinator.Continue();

        AssertUndisturbed(await cluster.EndAsync(runId), spec, cluster);
    }

    private static long LastOf(TrainingSpec spec)
    {
        using var tail = new StepTail(new(spec.RunDirectory));
        return tail.Last();
    }

    /// <summary>One generation of the replicas that were started first, and every step once: the trajectory of a run alone.</summary>
    private void AssertUndisturbed(Run run, TrainingSpec spec, LiveCluster cluster)
    {
        Assert.Equal((RunState.Succeeded, "", 1), (run.State, run.Reason, run.Generation));
        Assert.Equal(3, cluster.Log.Processes.Count);
        var recorded = ClusterData.Recorded(spec);
        recorded.AssertFollows(data.Alone(Steps));
        Assert.Single(File.ReadLines(new RunDirectory(spec.RunDirectory).Events)
            .Select(line => RunRecordJson.TryParse(line)?.Started).OfType<RunStarted>());
    }
}
