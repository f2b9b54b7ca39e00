using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator.Hosts;
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
            ScriptedHost.ConnectAsync(coordinator.Channel, "a", protocol: 9, version: "0.2.0")
        );
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal(
            $"host a speaks protocol 9 (clipd 0.2.0), this coordinator {Protocol.Version} (clipd 0.1.0); install the same version on both",
            refused.Status.Detail
        );
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
        await using var host = await ScriptedHost.ConnectAsync(coordinator.Channel, "a", replicaIds: "old-1-r1");
        Assert.Equal(["old-1-r1"], host.Welcome.ReplicaIdsToKill);
    }

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
    public async Task Left_HostOfALoadingReplica_StartsAnotherWhenItIsBack()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string replicaId = (await host.LaunchAsync()).ReplicaId;
        await host.DisposeAsync();
        await coordinator.UntilAsync(runId, run => run.Reason == "no replica holds the state; it is read from the newest checkpoint");

        await using var again = await ScriptedHost.ConnectAsync(coordinator.Channel, "a", replicaIds: replicaId);
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
        await using var again = await ScriptedHost.ConnectAsync(coordinator.Channel, "a", replicaIds: replica.Id);
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

        var refused = await Assert.ThrowsAsync<RpcException>(() => ScriptedHost.ConnectAsync(coordinator.Channel, "a", process: 2));
        Assert.Equal(
            (
                StatusCode.AlreadyExists,
                "replicas of another worker host named a still run; start this one with --name, or when they have ended"
            ),
            (refused.StatusCode, refused.Status.Detail)
        );

        await using var back = await ScriptedHost.ConnectAsync(coordinator.Channel, "a", replicaIds: replica.Id);
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
        var restarted = ScriptedHost.ConnectAsync(coordinator.Channel, "a", process: 2);
        await replica.BreakLinkAsync(); // it dies with its host, a moment later
        await using var again = await restarted;
        Assert.NotEqual(replica.Id, (await again.StartReplicaAsync()).Id);
    }

    [Fact]
    public async Task Connect_OtherProcessWhileReplicasReturnToALaterCoordinator_IsRefused()
    {
        var first = await TestCoordinator.StartAsync(options => options with { HostTimeout = TimeSpan.FromSeconds(2) });
        var host = await first.HostAsync("a");
        string runId = await first.SubmitAsync(first.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await replica.PersistedAsync()).Number);
        await using var second = await first.RestartAsync();
        var stranger = ScriptedHost.ConnectAsync(second.Channel, "a", process: 2);
        var after = await replica.ReconnectAsync(second.Channel, host, applied: 1);
        Assert.Equal(StatusCode.AlreadyExists, (await Assert.ThrowsAsync<RpcException>(() => stranger)).StatusCode);
        await using var back = await ScriptedHost.ConnectAsync(second.Channel, "a", replicaIds: replica.Id);
        Assert.Empty(back.Welcome.ReplicaIdsToKill);
        await after.RecordAsync(2, loss: 2);
        Assert.Equal(2, (await after.PersistedAsync(2)).Number);
        Assert.Equal(1, (await second.RunAsync(runId)).Generation);
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
