using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Replicas;

public class ReplicaLinksTests
{
    [Fact]
    public async Task Connect_UnknownReplica_IsNotFound()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        var stranger = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, new LaunchReplica { RunId = "demo-1", ReplicaId = "demo-1-r1" }, applied: 0);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(stranger.CallAsync)).StatusCode);
    }

    [Fact]
    public async Task Connect_OtherProtocol_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var old = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, await host.LaunchAsync(), applied: 0, protocol: 0);
        var refused = await Assert.ThrowsAsync<RpcException>(old.CallAsync);
        Assert.Equal((StatusCode.FailedPrecondition, "replica demo-1-r1 speaks protocol 0, this coordinator 2 (clipd 0.1.0); install the same version on both"), (refused.StatusCode, refused.Status.Detail));
    }

    [Fact]
    public async Task Connect_CallThatWasLeftBehind_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        var second = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, replica.Launch, applied: 0);
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAsync<RpcException>(second.CallAsync)).StatusCode);
    }

    [Fact]
    public async Task Connect_HigherTermHeard_IsSentAway()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, await host.LaunchAsync(), applied: 0, term: 7);
        var refused = await Assert.ThrowsAsync<RpcException>(replica.CallAsync);
        Assert.Equal((StatusCode.Unavailable, "A coordinator of term 7 has taken over from this one, of term 1; connect again."), (refused.StatusCode, refused.Status.Detail));
    }

    [Fact]
    public async Task Connect_AfterABrokenLink_GoesOnWithoutANewGeneration()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(steps: 70));
        var before = await host.StartReplicaAsync();
        await before.GenerationAsync();
        await before.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await before.KeptAsync()).Number);
        await before.BreakLinkAsync();

        var after = await before.ReconnectAsync(coordinator.Channel, host, applied: 2);
        Assert.Equal((1L, 32L), (await after.AssignmentAsync()) is var assigned ? (assigned.FirstStep, assigned.LastStep) : default);
        await after.RecordAsync(1, loss: 3, number: 1); // said again, as it cannot know that it was kept
        await after.RecordAsync(2, loss: 2);
        Assert.Equal(2, (await after.KeptAsync()).Number);
        var run = await coordinator.RunAsync(runId);
        Assert.Equal((RunPhase.Running, 1L, 2L), (run.Phase, run.Generation, run.Replicas[0].Step));
    }
}
