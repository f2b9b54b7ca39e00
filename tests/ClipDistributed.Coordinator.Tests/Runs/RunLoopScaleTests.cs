using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Rpc;
using Grpc.Core;
using StatusCode = Grpc.Core.StatusCode;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class RunLoopScaleTests
{
    [Fact]
    public async Task Scale_MoreReplicas_JoinAtAStepBoundary()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 2);
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var first = await host.StartReplicaAsync();
        await first.GenerationAsync();
        await first.AppliedAsync(1);
        await ScaleAsync(coordinator, runId, min: 1, max: 2);
        var second = await host.StartReplicaAsync();
        Assert.False(second.Launch.Restore);
        Assert.Equal(CommandKind.Regroup, (await first.CommandAsync()).Kind);
        await first.EndedAsync(2, finished: false);
        Assert.Equal((2, 2L), ((await first.GenerationAsync()).World, first.Generation.StartStep));
        await second.GenerationAsync();
        var run = await coordinator.UntilAsync(runId, RunState.Running);
        Assert.Equal((1, 2), (run.MinReplicas, run.MaxReplicas));
    }

    /// <summary>Up to its minimum a run comes before those that wait: the one that it was scaled to.</summary>
    [Fact]
    public async Task Scale_HigherMinimumWhileDevicesAreHeld_GetsThem()
    {
        var timeout = TimeSpan.FromMinutes(10); // a lost host would let the other run wait for more than there is
        await using var coordinator = await TestCoordinator.StartAsync(
            options => options with { BackfillStarts = 0, HostTimeout = timeout });
        var first = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 4));
        await first.LaunchAsync();
        string held = await coordinator.SubmitAsync(coordinator.Spec(name: "held", min: 3, max: 3));
        await coordinator.UntilAsync(held, run => run.Reason != "");
        var second = await coordinator.HostAsync("b", cpus: 2);
        await coordinator.UntilAsync(held, run => run.Reason.Contains("is held for it", StringComparison.Ordinal));
        await ScaleAsync(coordinator, runId, min: 3, max: 3);
        Assert.Equal([runId, runId], [(await second.LaunchAsync()).RunId, (await second.LaunchAsync()).RunId]);
    }

    [Fact]
    public async Task Scale_FewerReplicas_SurplusLeavesWithoutALostStep()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 2);
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        ScriptedReplica[] replicas = [await host.StartReplicaAsync(), await host.StartReplicaAsync()];
        foreach (var replica in replicas)
        {
            await replica.GenerationAsync();
            await replica.AppliedAsync(1);
        }
        await ScaleAsync(coordinator, runId, min: 1, max: 1);
        foreach (var replica in replicas)
        {
            Assert.Equal(CommandKind.Regroup, (await replica.CommandAsync()).Kind);
            await replica.EndedAsync(2, finished: false);
        }
        Assert.Equal(1, (await replicas[0].GenerationAsync()).World);
        await replicas[1].LeaveAsync();
        await replicas[1].ExitAsync(0);
        var incident = Assert.Single(await coordinator.IncidentsAsync(runId));
        Assert.Equal((IncidentKind.RunScaled, 0L), (incident.Kind, incident.StepsRecomputed));
        Assert.Equal([replicas[1].Id], incident.ReplicaIds);
    }

    [Fact]
    public async Task Scale_WaitingForDevices_StartsWithWhatThereIs()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        await coordinator.UntilAsync(runId, run => run.Reason != "");
        await ScaleAsync(coordinator, runId, min: 1, max: 1);
        await (await host.StartReplicaAsync()).TrainAsync(5);
        await coordinator.UntilAsync(runId, RunState.Succeeded);
    }

    [Fact]
    public async Task Scale_CoordinatorRestarted_HoldsAndIsRecorded()
    {
        var first = await TestCoordinator.StartAsync();
        string runId = await first.SubmitAsync(first.Spec(min: 2, max: 2));
        await ScaleAsync(first, runId, min: 1, max: 1);
        await using var second = await first.RestartAsync();
        var host = await second.HostAsync("a");
        await (await host.StartReplicaAsync()).TrainAsync(5);
        Assert.Equal(1, (await second.UntilAsync(runId, RunState.Succeeded)).MinReplicas);
        var requests = new List<string>();
        await foreach (var response in second.WatchAsync(runId))
            requests.AddRange(response.Record?.Request is { } request ? [request.Request] : Array.Empty<string>());
        Assert.Equal(["scale from 2 replicas to 1 replica"], requests);
    }

    [Theory]
    [InlineData(0u, 2u, "min_replicas")]
    [InlineData(1u, 0u, "max_replicas")]
    [InlineData(3u, 2u, "min_replicas")]
    [InlineData(9u, 9u, "min_replicas")] // the batch has 8 rows
    [InlineData(3u, null, "min_replicas")]
    [InlineData(null, null, "min_replicas")]
    public async Task Scale_AgainstTheSpecsRules_IsRefusedByField(uint? min, uint? max, string field)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScaleAsync(coordinator, runId, min, max));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal(field, Assert.Single(refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations).Field);
        Assert.Equal((1, 2), await NeedAsync(coordinator, runId));
        await ScaleAsync(coordinator, runId, min: null, max: 100);
        Assert.Equal((1, 8), await NeedAsync(coordinator, runId));
    }

    [Fact]
    public async Task Scale_Ended_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await coordinator.UntilAsync(runId, RunState.Cancelled);
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScaleAsync(coordinator, runId, min: 1, max: 2));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
    }

    private static async Task<(int Min, int Max)> NeedAsync(TestCoordinator coordinator, string runId)
    {
        var run = await coordinator.RunAsync(runId);
        return (run.MinReplicas, run.MaxReplicas);
    }

    private static async Task ScaleAsync(TestCoordinator coordinator, string runId, uint? min, uint? max)
    {
        var request = new ScaleRunRequest { RunId = runId };
        if (min is { } least)
            request.MinReplicas = least;
        if (max is { } most)
            request.MaxReplicas = most;
        await coordinator.Control.ScaleRunAsync(request);
    }
}
