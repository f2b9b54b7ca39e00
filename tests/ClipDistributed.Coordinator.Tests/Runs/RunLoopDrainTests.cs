using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Hosts that are drained while a run goes on, through a real server.</summary>
public class RunLoopDrainTests
{
    [Fact]
    public async Task Drain_OthersSuffice_ItsReplicaLeavesAtABorder()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2, steps: 20));
        var (leaving, staying) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await BeginAsync(leaving, staying);
        await AppliedAsync(3, leaving, staying);

        await coordinator.Control.DrainHostAsync(new DrainHostRequest { Name = "a" });
        await EndAtAsync(5, leaving, staying);

        Assert.Equal("its host is drained", (await leaving.LeaveAsync()).Reason);
        await staying.GenerationAsync();
        Assert.Equal((0, 1, 5L), (staying.Generation.Rank, staying.Generation.World, staying.Generation.StartStep));
        Assert.Equal(
            $"replica {leaving.Id} on host a leaves, because its host is drained, at step 5. Generation 2 goes on after step 5 "
                + $"with 1 replica.",
            staying.Generation.Reason
        );
        await leaving.ExitAsync(0);
        Assert.True((await HostAsync(coordinator, "a")).Drained);

        await coordinator.Control.DrainHostAsync(new DrainHostRequest { Name = "a", Undo = true });
        Assert.False((await a.StartReplicaAsync()).Launch.Restore);
        Assert.False((await HostAsync(coordinator, "a")).Drained);
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
    }

    [Fact]
    public async Task Drain_ThereIsRoomElsewhere_LeavesOnceAnotherHoldsTheState()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var a = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 1, steps: 20));
        var leaving = await a.StartReplicaAsync();
        await BeginAsync(leaving);
        var b = await coordinator.HostAsync("b");
        await AppliedAsync(3, leaving);

        await coordinator.Control.DrainHostAsync(new DrainHostRequest { Name = "a" });
        var fresh = await b.StartReplicaAsync();
        await EndAtAsync(5, leaving);
        await leaving.GenerationAsync();
        await fresh.GenerationAsync();
        Assert.Equal((0, 2, 5L), (leaving.Generation.Rank, leaving.Generation.World, leaving.Generation.StartStep));
        await AppliedAsync(6, leaving, fresh);
        await EndAtAsync(7, leaving, fresh);

        await leaving.LeaveAsync();
        await fresh.GenerationAsync();
        Assert.Equal((0, 1, 7L), (fresh.Generation.Rank, fresh.Generation.World, fresh.Generation.StartStep));
        await leaving.ExitAsync(0);
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
    }

    [Fact]
    public async Task Drain_NoSuchHost_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await coordinator.Control.DrainHostAsync(new DrainHostRequest { Name = "z" })
        );
        Assert.Equal(
            (StatusCode.NotFound, "no host z is connected; clipd host list shows all"),
            (refused.StatusCode, refused.Status.Detail)
        );
    }

    private static async Task<Contracts.Control.V1.Host> HostAsync(TestCoordinator coordinator, string name) =>
        (await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts.Single(host => host.Name == name);

    private static async Task BeginAsync(params ScriptedReplica[] members)
    {
        foreach (var member in members)
            await member.GenerationAsync();
    }

    private static async Task AppliedAsync(long step, params ScriptedReplica[] members)
    {
        foreach (var member in members)
            await member.AppliedAsync(step);
    }

    /// <summary>Each receives the command to regroup, and does so after a step.</summary>
    private static async Task EndAtAsync(long step, params ScriptedReplica[] members)
    {
        foreach (var member in members)
            Assert.Equal(CommandKind.Regroup, (await member.CommandAsync()).Kind);
        foreach (var member in members)
            await member.EndedAsync(step, finished: false);
    }
}
