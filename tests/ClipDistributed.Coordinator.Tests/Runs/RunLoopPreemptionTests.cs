using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using static ClipDistributed.Coordinator.Tests.Runs.PreemptionScene;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>A run makes way for one of higher priority on the only device.</summary>
public class RunLoopPreemptionTests
{
    [Fact]
    public async Task Submit_HigherPriority_PreemptsAndTheOtherReturnsByItself()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        var (low, high, taken) = await PreemptedAsync(coordinator, host, step: 3);

        var waits = await coordinator.UntilAsync(low, RunState.Preempted);
        Assert.Equal((3L, high, 1, 0), (waits.Step, waits.PreemptedBy, waits.Preemptions, waits.Replicas.Count));
        await coordinator.UntilAsync(low, run =>
            run.Reason == $"made way for {high} after step 3; needs at least 1 free device; the only one is used by {high}");
        var explained = (await new HistoryService.HistoryServiceClient(coordinator.Channel)
            .ExplainRunAsync(new ExplainRunRequest { RunId = low })).Explanations;
        Assert.Equal((ExplanationKind.Preempted, high), (explained[0].Kind, explained[0].RunId));

        await taken.TrainAsync(5);
        var again = await host.StartReplicaAsync(applied: 3);
        Assert.Equal((low, true), (again.Launch.RunId, again.Launch.Restore));
        await again.TrainAsync(5);
        var done = await coordinator.UntilAsync(low, RunState.Succeeded);
        Assert.Equal((5L, 2L, 3L, "", 1), (done.Step, done.Generation, again.Generation.StartStep, done.PreemptedBy, done.Preemptions));
        Assert.Empty(await coordinator.IncidentsAsync(low));
    }

    [Fact]
    public async Task Preempt_Audit_HasTheQueueAsPrincipal()
    {
        await using var coordinator = await StartAsync();
        var (low, high, _) = await PreemptedAsync(coordinator, await coordinator.HostAsync("a"), step: 2);
        var entries = await new AdminService.AdminServiceClient(coordinator.Channel)
            .ListAuditEntriesAsync(new ListAuditEntriesRequest { Owner = "queue" });
        var entry = Assert.Single(entries.Entries);
        Assert.Equal(
            ("PreemptRun", low, $"by=\"{high}\"", "OK", "", "coordinator"),
            (entry.Verb, entry.Target, entry.Values, entry.Result, entry.TokenId, entry.Address));
    }

    [Fact]
    public async Task Preempt_CoordinatorRestarted_ReturnsAllTheSame()
    {
        var first = await StartAsync();
        var host = await first.HostAsync("a");
        var (low, high, taken) = await PreemptedAsync(first, host, step: 2);
        await first.UntilAsync(low, RunState.Preempted);
        await taken.GenerationAsync();
        await using var second = await first.RestartAsync();
        var restarted = await second.HostAsync("a", taken.Id);
        var again = await taken.ReconnectAsync(second.Channel, restarted, applied: 0);
        var waits = await second.RunAsync(low);
        Assert.Equal((RunState.Preempted, high, 1), (waits.State, waits.PreemptedBy, waits.Preemptions));
        await again.EndedAsync(5, finished: true);
        await again.LeaveAsync();
        await again.ExitAsync(0);
        await second.UntilAsync(high, RunState.Succeeded);
        await (await restarted.StartReplicaAsync(applied: 2)).TrainAsync(5);
        Assert.Equal(2, (await second.UntilAsync(low, RunState.Succeeded)).Generation);
        Assert.Empty(await second.IncidentsAsync(low));
    }

    /// <summary>The devices of one that stops, or is paused by a user, become free by themselves.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Submit_WhileAnotherRunLeaves_PreemptsNone(bool isPaused)
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 2);
        string low = await coordinator.SubmitAsync(Preemptible(coordinator));
        await ComputingAsync(host, step: 1);
        string other = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await ComputingAsync(host, step: 3);
        if (isPaused)
            await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = other });
        else
            await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = other });
        await replica.CommandAsync();
        string high = await coordinator.SubmitAsync(Urgent(coordinator));
        await coordinator.UntilAsync(high, run => run.Reason.StartsWith("needs at least 1 free device", StringComparison.Ordinal));
        await LeaveAsync(replica, step: 3);
        Assert.Equal(high, (await host.StartReplicaAsync()).Launch.RunId);
        Assert.Equal((RunState.Running, 0), ((await coordinator.RunAsync(low)).State, (await coordinator.RunAsync(low)).Preemptions));
    }

    /// <summary>What it had computed is recorded, what it makes way for is gone: it is the first in the queue.</summary>
    [Fact]
    public async Task Cancel_ThePreemptorBeforeItStarts_TheOtherGoesOn()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string low = await coordinator.SubmitAsync(Preemptible(coordinator));
        var replica = await ComputingAsync(host, step: 3);
        string high = await coordinator.SubmitAsync(Urgent(coordinator));
        await replica.CommandAsync();
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = high });
        await LeaveAsync(replica, step: 3);
        await (await host.StartReplicaAsync(applied: 3)).TrainAsync(5);
        Assert.Equal(2, (await coordinator.UntilAsync(low, RunState.Succeeded)).Generation);
    }

    [Fact]
    public async Task Preempt_ReplicaStillLoads_IsKilledAndItStartsAnewLater()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string low = await coordinator.SubmitAsync(Preemptible(coordinator));
        string replicaId = (await host.LaunchAsync()).ReplicaId;
        await coordinator.SubmitAsync(Urgent(coordinator));
        Assert.Equal(replicaId, await host.KillAsync());
        await host.ExitedAsync(replicaId, 137);
        await (await host.StartReplicaAsync()).TrainAsync(5);
        await (await host.StartReplicaAsync()).TrainAsync(5);
        Assert.Equal(1, (await coordinator.UntilAsync(low, RunState.Succeeded)).Generation);
    }

    [Fact]
    public async Task SubmitJob_ValidateOnly_SaysWhomItWouldPreempt()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string low = await coordinator.SubmitAsync(Preemptible(coordinator));
        await ComputingAsync(host, step: 1);
        var found = (await coordinator.Control.SubmitJobAsync(
            new SubmitJobRequest { Spec = Urgent(coordinator), ValidateOnly = true })).Validation;
        Assert.EndsWith($"; it would have {low} make way", found.Placement, StringComparison.Ordinal);
    }
}
