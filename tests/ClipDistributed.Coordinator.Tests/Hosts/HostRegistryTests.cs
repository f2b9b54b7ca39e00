using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Hosts;

public class HostRegistryTests
{
    [Fact]
    public async Task Connect_OtherProtocol_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            ScriptedHost.ConnectAsync(coordinator.Channel, "a", new ScriptedOffer { Protocol = 9, Version = "0.2.0" })
        );
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal(
            $"host a speaks protocol 9 (clipd 0.2.0), this coordinator {Protocol.Version} (clipd 0.1.0); install the same version on both",
            refused.Status.Detail
        );
    }

    [Fact]
    public async Task Connect_MoreHostsThanMayBeConnected_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync(
            options => options with { Limits = new CoordinatorLimits { Hosts = 1 } });
        await coordinator.HostAsync("a");
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScriptedHost.ConnectAsync(coordinator.Channel, "b"));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
    }

    [Fact]
    public async Task Connect_NameTaken_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var first = await coordinator.HostAsync("a");
        var second = ScriptedHost.ConnectAsync(coordinator.Channel, "a");
        while (!second.IsCompleted)
        {
            await first.HeartbeatAsync();
            await Task.WhenAny(second, Task.Delay(10));
        }
        var refused = await Assert.ThrowsAsync<RpcException>(() => second);
        Assert.Equal(StatusCode.AlreadyExists, refused.StatusCode);
        Assert.Matches(
            @"^a worker host named a is already connected from 127\.0\.0\.1:\d+; start this one with --name$",
            refused.Status.Detail
        );
    }

    [Fact]
    public async Task Connect_UnknownReplicasStillRun_AreToBeKilled()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await using var host = await ScriptedHost.ConnectAsync(coordinator.Channel, "a", new ScriptedOffer { ReplicaIds = ["old-1-r1"] });
        Assert.Equal(["old-1-r1"], host.Welcome.ReplicaIdsToKill);
    }

    [Fact]
    public async Task Connect_OfferOutOfBounds_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScriptedHost.ConnectAsync(coordinator.Channel, new string('h', 300)));
        Assert.Equal(
            (StatusCode.InvalidArgument, "name has 300 characters; use at most 253."),
            (refused.StatusCode, refused.Status.Detail)
        );
    }

    [Fact]
    public async Task Exited_ReplicaOfAnotherHost_IsIgnored()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        var other = await coordinator.HostAsync("b");
        await other.ExitedAsync(replica.Id, 137);
        await coordinator.Log.UntilAsync("ReplicaOfAnotherHost", ("HostId", "b"), ("ReplicaId", replica.Id), ("Owner", "a"));
        await replica.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await replica.PersistedAsync()).Number);
        await replica.BreakLinkAsync(); // its exit, had it been heard, would count now
        await coordinator.UntilAsync(runId, run => run.State == RunState.Running);
        var after = await replica.ReconnectAsync(coordinator.Channel, host, applied: 1);
        await after.RecordAsync(2, loss: 2);
        Assert.Equal(2, (await after.PersistedAsync(2)).Number);
        Assert.Equal(1, (await coordinator.RunAsync(runId)).Generation);
    }

    [Fact]
    public async Task Connect_HostsThatComeAndGoAllTheTime_FillNoLog()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        for (int i = 0; i < HostRegistry.LinesPerMinute + 5; i++)
            await (await ScriptedHost.ConnectAsync(coordinator.Channel, $"h{i}")).DisposeAsync();
        await coordinator.Log.UntilAsync("HostLeft", ("HostId", $"h{HostRegistry.LinesPerMinute - 1}"));
        Assert.Equal(
            HostRegistry.LinesPerMinute,
            coordinator.Log.CountOf("HostJoined")
        );
        await coordinator.StopAsync();
        Assert.Equal(
            HostRegistry.LinesPerMinute,
            coordinator.Log.CountOf("HostLeft")
        );
    }
}
