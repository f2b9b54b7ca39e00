using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

public sealed class ExplainRunTests
{
    [Fact]
    public async Task ExplainRun_SecondRunOnABusyCluster_NamesTheFirst()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 2);
        string holder = await coordinator.SubmitAsync(coordinator.Spec("holder", max: 2));
        await host.LaunchAsync();
        string waiting = await coordinator.SubmitAsync(coordinator.Spec("waiting", min: 2, max: 2));
        string behind = await coordinator.SubmitAsync(coordinator.Spec("behind"));
        await coordinator.UntilAsync(behind, run => run.Reason != "");

        var explained = await ExplainAsync(coordinator, waiting);
        Assert.Equal(RunState.Pending, explained.State);
        var missing = explained.Explanations[0];
        Assert.Equal((ExplanationKind.DevicesMissing, 2, 0), (missing.Kind, missing.Needed, missing.Available));
        var held = explained.Explanations[1];
        Assert.Equal((ExplanationKind.DevicesHeld, holder, "a", 2), (held.Kind, held.RunId, held.Hosts.Single(), held.Held));

        var queued = (await ExplainAsync(coordinator, behind)).Explanations[0];
        Assert.Equal((ExplanationKind.Queued, waiting), (queued.Kind, queued.RunId));
        Assert.Equal(ExplanationKind.ReplicasAwaited, (await ExplainAsync(coordinator, holder)).Explanations[0].Kind);
    }

    [Fact]
    public async Task ExplainRun_ReplicaThatDied_HasTheEvidenceOfItsIncident()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var (survivor, victim) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await survivor.GenerationAsync();
        await survivor.AppliedAsync(1);
        await victim.DieAsync();
        await survivor.FailAsync(FailureKind.Collective, "closed", applied: 1);
        await survivor.GenerationAsync();

        var removed = (await ExplainAsync(coordinator, runId)).Explanations.Single(one => one.Kind == ExplanationKind.ReplicaRemoved);

        var incident = Assert.Single(await coordinator.IncidentsAsync(runId));
        Assert.Equal((victim.Id, "b", incident.Evidence), (removed.ReplicaIds.Single(), removed.Hosts.Single(), removed.Evidence));
        Assert.Equal(incident.Number, removed.Incident);
    }

    /// <summary>Its worker was killed: nothing is concluded from that yet.</summary>
    [Fact]
    public async Task ExplainRun_HostAndReplicasJustFellSilent_SaysSoAtOnceAsTheListDoes()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("b");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await coordinator.UntilAsync(runId, RunState.Running);
        Assert.DoesNotContain(await KindsAsync(), kind => kind == ExplanationKind.Silent);
        Assert.Equal("", (await coordinator.RunAsync(runId)).Reason);

        await host.DisposeAsync();
        await replica.BreakLinkAsync();

        Explanation silent;
        while ((silent = (await ExplainAsync(coordinator, runId)).Explanations[0]).ReplicaIds.Count == 0)
            await Task.Yield(); // the coordinator has not seen both ends yet
        Assert.Equal((ExplanationKind.Silent, "b", replica.Id), (silent.Kind, silent.Hosts.Single(), silent.ReplicaIds.Single()));
        Assert.NotNull(silent.Time);
        var listed = (await coordinator.Control.ListRunsAsync(new ListRunsRequest())).Runs.Single();
        Assert.Equal(RunState.Running, listed.State);
        Assert.Matches($@"^host b has been silent for \d+ s \(its connection broke\), with {replica.Id} \(rank 0\)$", listed.Reason);
        Assert.Equal(listed.Reason, (await coordinator.RunAsync(runId)).Reason);

        async Task<IEnumerable<ExplanationKind>> KindsAsync() =>
            (await ExplainAsync(coordinator, runId)).Explanations.Select(one => one.Kind);
    }

    /// <summary>It was the coordinator that was away, and its hosts and replicas have a while to find the next one.</summary>
    [Fact]
    public async Task ExplainRun_CoordinatorWasRestarted_CallsNoHostSilent()
    {
        var first = await TestCoordinator.StartAsync();
        var host = await first.HostAsync("b");
        string runId = await first.SubmitAsync(first.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await first.UntilAsync(runId, RunState.Running);
        await using var second = await first.RestartAsync();
        Assert.DoesNotContain("silent", (await second.RunAsync(runId)).Reason, StringComparison.Ordinal);
        Assert.DoesNotContain((await ExplainAsync(second, runId)).Explanations, one => one.Kind == ExplanationKind.Silent);
    }

    /// <summary>The id of one is easily taken for the other's.</summary>
    [Fact]
    public async Task GetRunAndJob_IdOfTheOther_IsRefusedWithTheRightOne()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.SubmitAsync(coordinator.Spec());
        var run = await Assert.ThrowsAsync<RpcException>(() => coordinator.RunAsync("demo"));
        Assert.Equal("there is no run demo, which is a job; its newest run is demo-1", run.Status.Detail);
        var job = await Assert.ThrowsAsync<RpcException>(() =>
            coordinator.Control.GetJobAsync(new GetJobRequest { JobId = "demo-1" }).ResponseAsync);
        Assert.Equal("there is no job demo-1, which is a run of job demo", job.Status.Detail);
    }

    [Fact]
    public async Task ExplainRun_DrainedHost_HasWhoAskedForIt()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await coordinator.UntilAsync(runId, RunState.Running);
        await coordinator.Control.DrainHostAsync(new DrainHostRequest { Name = "a" });

        Explanation? asked;
        while ((asked = (await ExplainAsync(coordinator, runId)).Explanations
            .FirstOrDefault(one => one.Kind == ExplanationKind.Requested)) is null)
            await Task.Yield(); // its loop has not saved it yet
        Assert.Equal("drain host a", asked.Evidence);
        var closed = (await ExplainAsync(coordinator, runId)).Explanations.Single(one => one.Kind == ExplanationKind.HostClosed);
        Assert.Equal(("a", replica.Id), (closed.Hosts.Single(), closed.ReplicaIds.Single()));
    }

    [Fact]
    public async Task ExplainRun_NoSuchRun_IsNotFound()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() => ExplainAsync(coordinator, "none-1"));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
    }

    private static async Task<ExplainRunResponse> ExplainAsync(TestCoordinator coordinator, string runId) =>
        await new HistoryService.HistoryServiceClient(coordinator.Channel).ExplainRunAsync(new ExplainRunRequest { RunId = runId });
}
