using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Replicas;

/// <summary>Secrets of replicas that are renewed while a run goes on, every two seconds.</summary>
public sealed class SecretRenewalsTests
{
    [Fact]
    public async Task Renew_RunGoesOn_LaterCallsNeedTheNewSecretAndNoStepIsLost()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        var generation = await replica.GenerationAsync();
        await replica.RecordAsync(1, loss: 3);
        ByteString first = replica.Launch.Secret, second = await replica.RenewAsync(), third = await replica.RenewAsync();
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
        await replica.RecordAsync(2, loss: 2);
        Assert.Equal(2, (await replica.PersistedAsync(2)).Number);
        Assert.Equal(StatusCode.PermissionDenied, await GreetAsync(coordinator, host, replica, first));

        var again = await replica.ReconnectAsync(coordinator.Channel, host, applied: 2);
        await again.RecordAsync(3, loss: 1);
        await again.PersistedAsync(3);
        var run = await coordinator.RunAsync(runId);
        Assert.Equal((generation.Generation, RunState.Running), (run.Generation, run.State));
    }

    /// <summary>The next coordinator of the store takes what the replica holds, and nothing older.</summary>
    [Fact]
    public async Task Renew_CoordinatorIsFollowedByAnother_KnowsTheNewSecret()
    {
        var before = await StartAsync();
        var host = await before.HostAsync("a");
        string runId = await before.SubmitAsync(before.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        var first = replica.Launch.Secret;
        await replica.RenewAsync();
        await replica.RenewAsync(); // so that the one before is stored as held, at least

        await using var coordinator = await before.RestartAsync();
        var hostAgain = await coordinator.HostAsync("a", replica.Id);
        Assert.Equal(StatusCode.PermissionDenied, await GreetAsync(coordinator, hostAgain, replica, first));
        var again = await replica.ReconnectAsync(coordinator.Channel, hostAgain, applied: 0);
        await again.RecordAsync(1, loss: 1);
        await again.PersistedAsync(1);
        Assert.Equal(1, (await coordinator.RunAsync(runId)).Generation);
    }

    [Fact]
    public async Task Secret_RunHasEnded_OpensNothing()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        var held = await replica.RenewAsync();
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await host.ExitedAsync(replica.Id, 0);
        await coordinator.UntilAsync(runId, RunState.Cancelled);
        Assert.Equal(StatusCode.NotFound, await GreetAsync(coordinator, host, replica, held));
    }

    private static async Task<StatusCode> GreetAsync(
        TestCoordinator coordinator, ScriptedHost host, ScriptedReplica replica, ByteString secret)
    {
        var launch = new LaunchReplica(replica.Launch) { Secret = secret };
        var forged = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, launch, new ScriptedHello(0) { Connection = 99 });
        return (await Assert.ThrowsAsync<RpcException>(forged.CallAsync)).StatusCode;
    }

    private static Task<TestCoordinator> StartAsync() => TestCoordinator.StartAsync(options =>
        options with { SecretLifetime = TimeSpan.FromSeconds(8), LoadTimeout = TimeSpan.FromSeconds(8) });
}
