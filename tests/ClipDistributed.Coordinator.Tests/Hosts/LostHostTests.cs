using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Hosts;

/// <summary>Hosts whose call ends: what is kept of them, and who may come back under their name.</summary>
public class LostHostTests
{
    [Fact]
    public async Task Connect_SilentHost_IsLost()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                HostTimeout = TimeSpan.FromMilliseconds(100),
            }
        );
        var host = await coordinator.HostAsync("a");
        var lost = await Assert.ThrowsAsync<RpcException>(host.CallAsync);
        Assert.Equal((StatusCode.Unavailable, "host a sent nothing for 0.1 s; connect again"), (lost.StatusCode, lost.Status.Detail));
        Assert.NotNull(Assert.Single((await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts).Lost);
    }

    [Fact]
    public async Task Left_Host_IsShownAsLostUntilItIsBack()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                Limits = new CoordinatorLimits { LostHosts = 1 },
            }
        );
        var a = await coordinator.HostAsync("a", cpus: 2);
        await (await coordinator.HostAsync("b")).DisposeAsync();
        await LostAsync("b");
        var before = DateTimeOffset.UtcNow;
        await a.DisposeAsync();
        var host = await LostAsync("a"); // of more than are remembered the oldest is forgotten
        Assert.True(host.Lost.ToDateTimeOffset() >= before - TimeSpan.FromSeconds(1));
        Assert.Equal(["cpu:0", "cpu:1"], host.Devices.Select(device => device.Device));
        await coordinator.HostAsync("a");
        Assert.Null(Assert.Single((await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts).Lost);

        async Task<Host> LostAsync(string name)
        {
            using var late = new CancellationTokenSource(TestCoordinator.Patience);
            while (true)
            {
                var lost = (await coordinator.Control.ListHostsAsync(new ListHostsRequest(), cancellationToken: late.Token))
                    .Hosts.Where(host => host.Lost is not null)
                    .ToList();
                if (lost is [var one] && one.Name == name)
                    return one;
            }
        }
    }

    [Fact]
    public async Task Left_HostOfALoadingReplica_StartsAnotherWhenItIsBack()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string replicaId = (await host.LaunchAsync()).ReplicaId;
        await host.DisposeAsync();
        await coordinator.UntilAsync(runId, run => run.Reason == "no replica holds the state; it is read from the newest checkpoint");

        await using var again = await ScriptedHost.ConnectAsync(coordinator.Channel, "a", new ScriptedOffer { ReplicaIds = [replicaId] });
        Assert.Equal([replicaId], again.Welcome.ReplicaIdsToKill);
        var next = await again.StartReplicaAsync();
        Assert.True(next.Launch.Restore);
        await next.TrainAsync(5);
        await coordinator.UntilAsync(runId, RunState.Succeeded);
    }

    [Fact]
    public async Task Left_HostOfATrainingReplica_DoesNotEndTheRunWhileItsLinkHolds()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { GenerationEndTimeout = TimeSpan.Zero });
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await host.DisposeAsync();

        // At once: the coordinator may not have seen yet that the first call is broken.
        await using var again = await ScriptedHost.ConnectAsync(coordinator.Channel, "a", new ScriptedOffer { ReplicaIds = [replica.Id] });
        Assert.Empty(again.Welcome.ReplicaIdsToKill);
        await replica.AppliedAsync(5);
        await replica.EndedAsync(5, finished: true);
        await replica.LeaveAsync();
        await replica.BreakLinkAsync();
        await again.ExitedAsync(replica.Id, 0);
        await coordinator.UntilAsync(runId, RunState.Succeeded);
    }

    [Fact]
    public async Task Connect_OtherProcessWhileReplicasOfALostHostRun_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with
        {
            HostTimeout = TimeSpan.FromSeconds(4), Limits = new CoordinatorLimits { LostHosts = 1 },
        });
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await host.DisposeAsync(); // as if its machine were cut off from the coordinator
        for (int i = 0; i < 3; i++)
            // so that the first one might be forgotten
            await (await ScriptedHost.ConnectAsync(coordinator.Channel, $"b{i}")).DisposeAsync();

        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            ScriptedHost.ConnectAsync(coordinator.Channel, "a", new ScriptedOffer { Process = 2 })
        );
        Assert.Equal(
            (
                StatusCode.AlreadyExists,
                "replicas of another worker host named a still run; start this one with --name, or when they have ended"
            ),
            (refused.StatusCode, refused.Status.Detail)
        );

        await using var back = await ScriptedHost.ConnectAsync(coordinator.Channel, "a", new ScriptedOffer { ReplicaIds = [replica.Id] });
        Assert.Empty(back.Welcome.ReplicaIdsToKill);
        await replica.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await replica.PersistedAsync()).Number);
        Assert.Equal(1, (await coordinator.RunAsync(runId)).Generation);
    }

    [Fact]
    public async Task Connect_OtherProcessOnceTheReplicasAreGone_GetsIn()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await host.DisposeAsync();
        var restarted = ScriptedHost.ConnectAsync(coordinator.Channel, "a", new ScriptedOffer { Process = 2 });
        await replica.BreakLinkAsync(); // it dies with its host, a moment later
        await using var again = await restarted;
        Assert.NotEqual(replica.Id, (await again.StartReplicaAsync()).Id);
    }

    [Fact]
    public async Task Connect_OtherProcessWhileReplicasReturnToALaterCoordinator_IsRefused()
    {
        var first = await TestCoordinator.StartAsync(options => options with { HostTimeout = TimeSpan.FromSeconds(6) });
        var host = await first.HostAsync("a");
        string runId = await first.SubmitAsync(first.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await replica.PersistedAsync()).Number);
        await using var second = await first.RestartAsync();
        var stranger = ScriptedHost.ConnectAsync(second.Channel, "a", new ScriptedOffer { Process = 2 });
        var after = await replica.ReconnectAsync(second.Channel, host, applied: 1);
        Assert.Equal(StatusCode.AlreadyExists, (await Assert.ThrowsAsync<RpcException>(() => stranger)).StatusCode);
        await using var back = await ScriptedHost.ConnectAsync(second.Channel, "a", new ScriptedOffer { ReplicaIds = [replica.Id] });
        Assert.Empty(back.Welcome.ReplicaIdsToKill);
        await after.RecordAsync(2, loss: 2);
        Assert.Equal(2, (await after.PersistedAsync(2)).Number);
        Assert.Equal(1, (await second.RunAsync(runId)).Generation);
    }
}
