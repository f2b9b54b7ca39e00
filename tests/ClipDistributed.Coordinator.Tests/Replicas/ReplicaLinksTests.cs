using ClipDistributed.Contracts.Host.V1;
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
        Assert.Equal((StatusCode.FailedPrecondition, "replica demo-1-r1 speaks protocol 0, this coordinator 1 (clipd 0.1.0); install the same version on both"), (refused.StatusCode, refused.Status.Detail));
    }

    [Fact]
    public async Task Connect_SecondLink_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        var second = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, replica.Launch, applied: 0);
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(second.CallAsync)).StatusCode);
    }
}
