using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Replicas;

public class ReplicaLinksTests
{
    [Fact]
    public async Task Connect_UnknownReplica_IsNotFound()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        var stranger = await ScriptedReplica.ConnectAsync(
            coordinator.Channel,
            host,
            new LaunchReplica { RunId = "demo-1", ReplicaId = "demo-1-r1" },
            new ScriptedHello(0)
        );
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(stranger.CallAsync)).StatusCode);
    }

    [Fact]
    public async Task Connect_OtherProtocol_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var launch = await host.LaunchAsync();
        var old = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, launch, new ScriptedHello(0) { Protocol = 0 });
        var refused = await Assert.ThrowsAsync<RpcException>(old.CallAsync);
        Assert.Equal(
            (
                StatusCode.FailedPrecondition,
                $"replica demo-1-r1 speaks protocol 0, this coordinator {Protocol.Version} (clipd 0.1.0); "
                    + "install the same version on both"
            ),
            (refused.StatusCode, refused.Status.Detail)
        );
    }

    [Fact]
    public async Task Connect_CallThatWasLeftBehind_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        var second = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, replica.Launch, new ScriptedHello(0));
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAsync<RpcException>(second.CallAsync)).StatusCode);
    }

    /// <summary>Every client of the coordinator can read ids in lists of runs.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("a guess")]
    [InlineData("another's")]
    public async Task Connect_OtherSecret_IsRefusedAndTheReplicaGoesOn(string shown)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 2);
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        var first = await host.StartReplicaAsync();
        var second = await host.StartReplicaAsync();
        await first.GenerationAsync();
        await second.GenerationAsync();

        var secret = shown == "another's" ? second.Launch.Secret : ByteString.CopyFromUtf8(shown);
        var forged = await ScriptedReplica.ConnectAsync(
            coordinator.Channel,
            host,
            new LaunchReplica(first.Launch) { Secret = secret },
            new ScriptedHello(0) { Connection = 99 }
        );
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(forged.CallAsync)).StatusCode);
        await coordinator.Log.UntilAsync("ReplicaForged", ("ReplicaId", first.Id));
        await first.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await first.PersistedAsync()).Number);
        Assert.Equal(1, (await coordinator.RunAsync(runId)).Generation);
        Assert.DoesNotContain(first.Launch.Secret.ToBase64(), string.Concat(coordinator.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_SecondCallOfTheReplica_EndsTheFirst()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var before = await host.StartReplicaAsync();
        await before.GenerationAsync();
        var after = await before.ReconnectAsync(coordinator.Channel, host, applied: 0);
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAsync<RpcException>(before.CallAsync)).StatusCode);
        await after.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await after.PersistedAsync()).Number);
    }

    [Fact]
    public async Task Connect_CoordinatorWasRestarted_KnowsTheSecretByItsHash()
    {
        var first = await TestCoordinator.StartAsync();
        var host = await first.HostAsync("a");
        string runId = await first.SubmitAsync(first.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();

        await using var second = await first.RestartAsync();
        var again = await second.HostAsync("a", replica.Id);
        var forged = await ScriptedReplica.ConnectAsync(
            second.Channel,
            again,
            new LaunchReplica(replica.Launch) { Secret = ByteString.CopyFromUtf8("a guess") },
            new ScriptedHello(0)
        );
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(forged.CallAsync)).StatusCode);
        var after = await replica.ReconnectAsync(second.Channel, again, applied: 0);
        await after.RecordAsync(1, loss: 3);
        Assert.Equal(1, (await after.PersistedAsync()).Number);
        Assert.Equal(1, (await second.RunAsync(runId)).Generation);
        Assert.All(
            Directory.GetFiles(second.StateDirectory, "coordinator.db*"),
            file => Assert.Equal((file, -1), (file, Read(file).AsSpan().IndexOf(replica.Launch.Secret.Span)))
        );
    }

    [Fact]
    public async Task Rendezvous_WithoutTheSecret_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        var client = new ReplicaService.ReplicaServiceClient(coordinator.Channel);
        var set = new SetRendezvousRequest
        {
            RunId = runId,
            Generation = 1,
            Key = "rank0",
            Value = ByteString.CopyFromUtf8("here"),
            ReplicaId = replica.Id,
        };
        var get = new GetRendezvousRequest
        {
            RunId = runId,
            Generation = 1,
            Key = "rank0",
            ReplicaId = replica.Id,
        };
        Assert.Equal(
            StatusCode.PermissionDenied,
            (await Assert.ThrowsAsync<RpcException>(() => client.SetRendezvousAsync(set).ResponseAsync)).StatusCode
        );
        Assert.Equal(
            StatusCode.PermissionDenied,
            (await Assert.ThrowsAsync<RpcException>(() => client.GetRendezvousAsync(get).ResponseAsync)).StatusCode
        );
        Assert.Equal(
            StatusCode.NotFound,
            (
                await Assert.ThrowsAsync<RpcException>(() =>
                    client.GetRendezvousAsync(new GetRendezvousRequest(get) { ReplicaId = "" }).ResponseAsync
                )
            ).StatusCode
        );
        (set.Secret, get.Secret) = (replica.Launch.Secret, replica.Launch.Secret);
        await client.SetRendezvousAsync(set);
        Assert.Equal("here", (await client.GetRendezvousAsync(get)).Value.ToStringUtf8());
        Assert.Equal(1, coordinator.Log.CountOf("ReplicaForged")); // of two calls
    }

    [Fact]
    public async Task Connect_HigherTermReceived_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var launch = await host.LaunchAsync();
        var replica = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, launch, new ScriptedHello(0) { Term = 7 });
        var refused = await Assert.ThrowsAsync<RpcException>(replica.CallAsync);
        Assert.Equal(
            (StatusCode.Unavailable, "A coordinator of term 7 has taken over from this one, of term 1; connect again."),
            (refused.StatusCode, refused.Status.Detail)
        );
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
        Assert.Equal(1, (await before.PersistedAsync()).Number);
        await before.BreakLinkAsync();

        var after = await before.ReconnectAsync(coordinator.Channel, host, applied: 2);
        Assert.Equal((1L, 32L), (await after.AssignmentAsync()) is var assigned ? (assigned.FirstStep, assigned.LastStep) : default);
        await after.RecordAsync(1, loss: 3, number: 1); // said again, as it cannot know that it was kept
        await after.RecordAsync(2, loss: 2);
        Assert.Equal(2, (await after.PersistedAsync(2)).Number);
        var run = await coordinator.RunAsync(runId);
        Assert.Equal((RunState.Running, 1L, 2L), (run.State, run.Generation, run.Replicas[0].Step));
    }

    /// <summary>Files that SQLite has open are read all the same.</summary>
    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
