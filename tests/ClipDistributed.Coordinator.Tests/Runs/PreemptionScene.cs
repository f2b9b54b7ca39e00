using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>A run that makes way for another one of higher priority, on one host.</summary>
internal static class PreemptionScene
{
    public static Task<TestCoordinator> StartAsync() =>
        TestCoordinator.StartAsync(options => options with { PreemptAfter = TimeSpan.Zero });

    public static TrainingSpec Preemptible(TestCoordinator coordinator)
    {
        var spec = coordinator.Spec(name: "low");
        (spec.Replicas.Priority, spec.Replicas.Preemptible) = (10, true);
        return spec;
    }

    public static TrainingSpec Urgent(TestCoordinator coordinator)
    {
        var spec = coordinator.Spec(name: "high");
        spec.Replicas.Priority = 90;
        return spec;
    }

    /// <summary>The first has made way after a step, and a replica of the second has its device.</summary>
    public static async Task<(string Low, string High, ScriptedReplica Taken)> PreemptedAsync(
        TestCoordinator coordinator, ScriptedHost host, long step)
    {
        string low = await coordinator.SubmitAsync(Preemptible(coordinator));
        var replica = await ComputingAsync(host, step);
        string high = await coordinator.SubmitAsync(Urgent(coordinator));
        Assert.Equal(CommandKind.Stop, (await replica.CommandAsync()).Kind);
        await LeaveAsync(replica, step);
        var taken = await host.StartReplicaAsync();
        Assert.Equal(high, taken.Launch.RunId);
        return (low, high, taken);
    }

    public static async Task<ScriptedReplica> ComputingAsync(ScriptedHost host, long step)
    {
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.AppliedAsync(step);
        return replica;
    }

    public static async Task RollBackAsync(TestCoordinator coordinator, string runId) =>
        await new CheckpointService.CheckpointServiceClient(coordinator.Channel)
            .RollBackRunAsync(new RollBackRunRequest { RunId = runId, Step = 2 });

    public static async Task LeaveAsync(ScriptedReplica replica, long step)
    {
        await replica.EndedAsync(step, finished: false);
        await replica.LeaveAsync();
        await replica.ExitAsync(0);
    }
}
