using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>A run does not depend on how many replicas compute it, or where.</summary>
[Collection(ClusterCollection.Name)]
public sealed class InvarianceTests(ClusterData data)
{
    [Theory]
    [InlineData("softmax", false)]
    [InlineData("softmax", true)]
    [InlineData("sigmoid", false)]
    public async Task Run_ThreeReplicasOnTwoHosts_FollowsOneReplica(string loss, bool damaged)
    {
        string[] other = loss == "softmax" ? [] : [$"loss={loss}"], // the default is left out: other tests compute it alone too
            rows = damaged ? [await data.DamagedAsync()] : [],
            changes = [.. other, .. rows];
        var expected = data.Alone(changes);
        var spec = data.Spec(changes);
        await using var cluster = await LiveCluster.StartAsync(2, 1);

        var run = await cluster.RunAsync(spec, replicas: 3);

        Assert.Equal((RunState.Succeeded, "", 1L, (long)ClusterData.Steps), (run.State, run.Reason, run.Generation, run.Step));
        Assert.Equal(
            [("a", 0), ("a", 1), ("b", 2)],
            run.Replicas.OrderBy(replica => replica.Rank).Select(replica => (replica.Host, replica.Rank))
        );
        Assert.Equal(64u, run.Replicas.Aggregate(0u, (sum, replica) => sum + replica.Share));
        ClusterData.Recorded(spec).AssertFollows(expected);
        Assert.Equal(damaged, expected.Steps.Any(step => step.Replaced > 0));
    }

    [Fact]
    public async Task Watch_FromTheStart_GivesEveryStepOnceAndInOrder()
    {
        var spec = data.Spec();
        await using var cluster = await LiveCluster.StartAsync(1, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 2);

        var steps = new List<long>();
        var sequences = new List<long>();
        var states = new List<RunState>();
        await foreach (var message in cluster.WatchAsync(runId))
        {
            if (message.Record is { } record)
                sequences.Add(record.Sequence);
            if (message.Record?.Step is { } step)
                steps.Add(step.Step);
            if (message.Run is { } run && (states.Count == 0 || states[^1] != run.State))
                states.Add(run.State);
        }

        Assert.Equal(Enumerable.Range(1, ClusterData.Steps).Select(step => (long)step), steps);
        Assert.Equal(Enumerable.Range(1, sequences.Count).Select(number => (long)number), sequences);
        Assert.Equal(states.Order(), states); // states that passed quickly may be left out, none comes back
        Assert.Equal(RunState.Succeeded, states[^1]);
    }
}
