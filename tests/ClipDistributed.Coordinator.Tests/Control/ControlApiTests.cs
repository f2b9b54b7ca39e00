using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Grpc.Health.V1;

namespace ClipDistributed.Coordinator.Tests.Control;

public class ControlApiTests
{
    [Fact]
    public async Task DeleteRun_Ended_IsForgottenForGoodAndItsNameWithIt()
    {
        var first = await TestCoordinator.StartAsync();
        string runId = await first.SubmitAsync(first.Spec());
        var refused = await Assert.ThrowsAsync<RpcException>(() => DeleteAsync(first, runId));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        await first.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await first.UntilAsync(runId, RunState.Cancelled);
        string directory = await UntilDeletedAsync(first, runId);
        Assert.True(Directory.Exists(directory));
        await using var second = await first.RestartAsync();
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => second.RunAsync(runId))).StatusCode);
        Assert.Empty((await second.Control.ListJobsAsync(new ListJobsRequest())).Jobs);
        Assert.Equal("demo-2", await second.SubmitAsync(second.Spec(run: "other")));
    }

    [Fact]
    public async Task ListRuns_States_AreThoseAskedFor()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string ended = await coordinator.SubmitAsync(coordinator.Spec(run: "x"));
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = ended });
        await coordinator.UntilAsync(ended, RunState.Cancelled);
        string waits = await coordinator.SubmitAsync(coordinator.Spec(run: "y"));
        Assert.Equal([ended], await ListAsync(RunState.Cancelled));
        Assert.Equal([waits], await ListAsync(RunState.Pending, RunState.Running));
        Assert.Equal([waits, ended], await ListAsync());
        Assert.Empty(await ListAsync(RunState.Failed));

        async Task<IEnumerable<string>> ListAsync(params RunState[] states) =>
            (await coordinator.Control.ListRunsAsync(new ListRunsRequest { States = { states } })).Runs.Select(run => run.RunId);
    }

    [Fact]
    public async Task GetRun_EndedRun_HasTheReplicasThatItHad()
    {
        var first = await TestCoordinator.StartAsync();
        var host = await first.HostAsync("a", cpus: 2);
        string runId = await first.SubmitAsync(first.Spec(min: 2, max: 2));
        var replicas = new[] { await host.StartReplicaAsync(), await host.StartReplicaAsync() };
        await Task.WhenAll(replicas.Select(replica => replica.TrainAsync(5)));
        Assert.Equal(2, (await first.UntilAsync(runId, RunState.Succeeded)).ReplicaCount);
        await using var second = await first.RestartAsync();
        Assert.Equal(2, (await second.RunAsync(runId)).ReplicaCount);
    }

    private static async Task<string> DeleteAsync(TestCoordinator coordinator, string runId) =>
        (await coordinator.Control.DeleteRunAsync(new DeleteRunRequest { RunId = runId })).RunDirectory;

    /// <summary>The loop of a run that has just ended may not be gone yet.</summary>
    private static async Task<string> UntilDeletedAsync(TestCoordinator coordinator, string runId)
    {
        while (true)
        {
            try
            {
                return await DeleteAsync(coordinator, runId);
            }
            catch (RpcException early) when (early.StatusCode == StatusCode.FailedPrecondition)
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task GetRun_UnknownId_IsNotFound()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var unknown = await Assert.ThrowsAsync<RpcException>(() => coordinator.RunAsync("demo-9"));
        Assert.Equal(
            (StatusCode.NotFound, "there is no run demo-9; clipd run list shows all"),
            (unknown.StatusCode, unknown.Status.Detail)
        );
    }

    [Fact]
    public async Task ListHosts_ReplicaOnADevice_IsShownThere()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 2);
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string replicaId = (await host.LaunchAsync()).ReplicaId;

        var shown = Assert.Single((await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts);
        Assert.Equal(("a", "0.1.0", 1L << 30), (shown.Name, shown.Version, shown.MemoryBytes));
        Assert.Equal(
            [("cpu:0", "a processor", replicaId, runId), ("cpu:1", "a processor", "", "")],
            shown.Devices.Select(device => (device.Device, device.Name, device.ReplicaId, device.RunId))
        );
    }

    [Fact]
    public async Task Health_StartedCoordinator_IsServing()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var health = await new Health.HealthClient(coordinator.Channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    [Fact]
    public async Task WatchRun_NegativeSequence_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        using var call = coordinator.Control.WatchRun(new WatchRunRequest { RunId = runId, AfterSequence = -1 });
        Assert.Equal(
            StatusCode.InvalidArgument,
            (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None))).StatusCode
        );
    }
}
