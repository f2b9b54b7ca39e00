using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Runs whose coordinator is started anew, through a real server.</summary>
public class RunLoopAdoptionTests
{
    [Fact]
    public async Task Restart_AllReconnect_TheGenerationGoesOn()
    {
        var before = await TestCoordinator.StartAsync();
        var (runId, first, second) = await BeginAsync(before);
        await first.RecordAsync(1, loss: 3);
        await first.PersistedAsync();

        await using var after = await before.RestartAsync();
        await after.UntilAsync(runId, run => run.Reason == "the coordinator was restarted; 0 of 2 replicas have reconnected");
        var (a, b) = (await after.HostAsync("a", first.Id), await after.HostAsync("b", second.Id));
        Assert.Empty(a.Welcome.ReplicaIdsToKill);
        first = await first.ReconnectAsync(after.Channel, a, applied: 6);
        second = await second.ReconnectAsync(after.Channel, b, applied: 7);
        await first.RecordAsync(1, loss: 3, number: 1); // kept before the restart
        await first.RecordAsync(2, loss: 2);

        var run = await after.UntilAsync(runId, run => run is { State: RunState.Running, Reason: "" });
        Assert.Equal((1L, 2L, 6L), (run.Generation, run.Term, run.Step));
        Assert.Equal([first.Id, second.Id], run.Replicas.Select(replica => replica.ReplicaId));
        Assert.Equal([4u, 4u], run.Replicas.Select(replica => replica.Share));
        await FinishAsync(40, first, second);
        await after.UntilAsync(runId, RunState.Succeeded);
        var records = new List<string>();
        await foreach (var response in after.WatchAsync(runId))
        {
            if (response.Record is { } record)
                records.Add(record.Step is { } step ? $"loss {step.Loss}" : record.Notice.Text);
        }
        Assert.Equal(["loss 2", "loss 3"], records.Where(record => record.StartsWith("loss", StringComparison.Ordinal)).Order());
        Assert.Contains(
            records,
            record =>
                record.StartsWith("The coordinator was restarted (term 2): 2 of 2 replicas reconnected within ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Restart_AHostWasQuarantined_StillIsUntilThatIsCleared()
    {
        var before = await TestCoordinator.StartAsync(options => options with { QuarantineAfter = 1 });
        var (runId, first, second) = await BeginAsync(before);
        await second.DieAsync();
        await first.FailAsync(FailureKind.Collective, "closed", applied: 6);
        Assert.Equal(2, (await first.GenerationAsync()).Generation);
        await foreach (var response in before.WatchAsync(runId))
        {
            if (response.Record?.Notice?.Text.StartsWith("Host b is quarantined", StringComparison.Ordinal) == true)
                break; // it is kept
        }

        var after = await before.RestartAsync();
        var (a, b) = (await after.HostAsync("a", first.Id), await after.HostAsync("b"));
        first = await first.ReconnectAsync(after.Channel, a, applied: 6);
        string evidence = (await HostAsync(after, "b")).Quarantine;
        Assert.StartsWith(
            $"1 loss of replicas within 10 minutes, the last: replica {second.Id} on host b ",
            evidence,
            StringComparison.Ordinal
        );

        await after.Control.DrainHostAsync(new DrainHostRequest { Name = "b", Undo = true });
        string third = (await b.LaunchAsync()).ReplicaId;
        Assert.Equal("", (await HostAsync(after, "b")).Quarantine);

        await using var last = await after.RestartAsync();
        await last.HostAsync("a", first.Id);
        await last.HostAsync("b", third);
        Assert.Equal("", (await HostAsync(last, "b")).Quarantine);
    }

    [Fact]
    public async Task Restart_OneIsGone_TheOthersGoOnInTheNextGeneration()
    {
        var before = await TestCoordinator.StartAsync();
        var (runId, first, second) = await BeginAsync(before);

        await using var after = await before.RestartAsync();
        var (a, b) = (await after.HostAsync("a", first.Id), await after.HostAsync("b")); // which has lost its replica
        first = await first.ReconnectAsync(after.Channel, a, applied: 6);
        Assert.Equal(1, (await first.EndGenerationAsync()).Generation);
        await first.FailAsync(FailureKind.Collective, "closed", applied: 6);

        var generation = await first.GenerationAsync();
        Assert.Equal((2L, 6L, 1), (generation.Generation, generation.StartStep, generation.World));
        Assert.StartsWith($"replica {second.Id} on host b no longer runs at step", generation.Reason, StringComparison.Ordinal);
        Assert.Equal($"{runId}-r3", (await b.LaunchAsync()).ReplicaId); // numbers go on
    }

    [Fact]
    public async Task Restart_TheGenerationWasOver_ItsStateIsNotOfACheckpoint()
    {
        var before = await TestCoordinator.StartAsync();
        var (a, b) = (await before.HostAsync("a"), await before.HostAsync("b"));
        string runId = await before.SubmitAsync(before.Spec(min: 2, max: 2, steps: 40));
        var (first, second) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await first.GenerationAsync();
        await second.GenerationAsync();
        await second.DieAsync();
        await first.FailAsync(FailureKind.Collective, "closed", applied: 2);
        await b.LaunchAsync(); // its release is stored

        await using var after = await before.RestartAsync();
        (a, b) = (await after.HostAsync("a", first.Id), await after.HostAsync("b"));
        first = await first.ReconnectAsync(after.Channel, a, applied: 2);
        await b.StartReplicaAsync();
        Assert.Equal((2L, 2L), (await first.GenerationAsync()) is var next ? (next.Generation, next.StartStep) : default);

        var incidents = (await after.Control.GetRunAsync(new GetRunRequest { RunId = runId })).Incidents;
        Assert.Equal("generation 2 with 2 replicas after step 2", incidents[0].Action);
    }

    [Fact]
    public async Task Restart_AStopWasAskedFor_ItIsOrderedOnce()
    {
        var before = await TestCoordinator.StartAsync();
        var (runId, first, second) = await BeginAsync(before);
        await before.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        await first.CommandAsync();

        await using var after = await before.RestartAsync();
        var (a, b) = (await after.HostAsync("a", first.Id), await after.HostAsync("b", second.Id));
        second = await second.ReconnectAsync(after.Channel, b, applied: 7); // did not receive it
        first = await first.ReconnectAsync(after.Channel, a, applied: 7, commands: CommandKind.Stop);
        var command = await second.CommandAsync();
        Assert.Equal((1L, CommandKind.Stop), (command.Number, command.Kind));
        await second.EndedAsync(8, finished: false);
        await first.EndedAsync(8, finished: false);
        foreach (var replica in new[] { first, second })
        {
            await replica.LeaveAsync();
            await replica.ExitAsync(75);
        }
        Assert.Equal(
            "stopped after step 8, saved; clipd submit SPEC --resume goes on",
            (await after.UntilAsync(runId, RunState.Stopped)).Reason
        );
    }

    /// <summary>Those that received it before save twice: whether they had done so the first time is not known.</summary>
    [Fact]
    public async Task Restart_ACheckpointWasAskedFor_ItIsOrderedUntilItIsSaved()
    {
        var before = await TestCoordinator.StartAsync();
        var (runId, first, second) = await BeginAsync(before);
        await before.Control.SaveCheckpointAsync(new SaveCheckpointRequest { RunId = runId });

        var after = await before.RestartAsync();
        (first, second) = await ReturnAsync(after, first, second);
        Assert.Equal((1L, CommandKind.Checkpoint), (await first.CommandAsync()) is var command ? (command.Number, command.Kind) : default);
        await first.CheckpointAsync(8);
        await first.PersistedAsync();

        await using var last = await after.RestartAsync();
        (first, _) = await ReturnAsync(last, first, second);
        await last.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        Assert.Equal(CommandKind.Stop, (await first.CommandAsync()).Kind);
    }

    private static async Task<(ScriptedReplica First, ScriptedReplica Second)> ReturnAsync(
        TestCoordinator coordinator,
        ScriptedReplica first,
        ScriptedReplica second
    )
    {
        var (a, b) = (await coordinator.HostAsync("a", first.Id), await coordinator.HostAsync("b", second.Id));
        return (
            await first.ReconnectAsync(coordinator.Channel, a, applied: 7),
            await second.ReconnectAsync(coordinator.Channel, b, applied: 7)
        );
    }

    private static async Task<(string RunId, ScriptedReplica First, ScriptedReplica Second)> BeginAsync(TestCoordinator coordinator)
    {
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2, steps: 40));
        var (first, second) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await first.GenerationAsync();
        await second.GenerationAsync();
        return (runId, first, second);
    }

    private static async Task FinishAsync(long steps, params ScriptedReplica[] members)
    {
        foreach (var member in members)
            await member.EndedAsync(steps, finished: true);
        foreach (var member in members)
        {
            await member.LeaveAsync();
            await member.ExitAsync(0);
        }
    }

    private static async Task<Host> HostAsync(TestCoordinator coordinator, string name) =>
        (await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts.Single(host => host.Name == name);
}
