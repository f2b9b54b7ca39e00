using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using static ClipDistributed.Coordinator.Tests.Scripted.ScriptedGroup;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Replicas that are killed, through a real server.</summary>
public class RunLoopKilledReplicaTests
{
    [Fact]
    public async Task Killed_OthersSuffice_TheyGoOnFromTheHighestStepAndTheNewOneJoins()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b, c) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"), await coordinator.HostAsync("c"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 3, steps: 20));
        var (first, second, victim) = (await a.StartReplicaAsync(), await b.StartReplicaAsync(), await c.StartReplicaAsync());
        await GenerationAsync(1, first, second, victim);
        await first.AppliedAsync(12);
        await second.AppliedAsync(13);
        await victim.AppliedAsync(12);
        using var bound = new CancellationTokenSource(TestCoordinator.Patience);
        while ((await coordinator.RunAsync(runId)).Step < 12) // its messages before its end are to be received
            await Task.Delay(10, bound.Token);

        await victim.DieAsync();
        await first.EndGenerationAsync();
        await first.FailAsync(FailureKind.Collective, Closed, applied: 12);
        await second.EndGenerationAsync();
        await second.FailAsync(FailureKind.Collective, Closed, applied: 13);
        await GenerationAsync(2, second, first);
        Assert.Equal(
            (0, 2, 0, 13L),
            (second.Generation.Rank, second.Generation.World, second.Generation.SourceRank, second.Generation.StartStep)
        );
        Assert.Equal(
            (1, 2, 0, 13L),
            (first.Generation.Rank, first.Generation.World, first.Generation.SourceRank, first.Generation.StartStep)
        );
        Assert.Equal(
            $"replica {victim.Id} on host c was ended by signal 9 (SIGKILL) at step 12. Generation 2 goes on after step 13 with 2 "
                + $"replicas.",
            AsExit(first.Generation.Reason, victim.Id)
        );
        var assignment = await second.AssignmentAsync();
        Assert.Equal((14L, 20L), (assignment.FirstStep, assignment.LastStep));
        Assert.Equal([4u, 4u], assignment.Shares);

        var fresh = await c.StartReplicaAsync();
        Assert.False(fresh.Launch.Restore);
        Assert.NotEqual(victim.Id, fresh.Id);
        await first.AppliedAsync(14);
        await second.AppliedAsync(14);
        Assert.Equal((2L, CommandKind.Regroup), ((await first.CommandAsync()) is var sent ? (sent.Generation, sent.Kind) : default));
        Assert.Equal(CommandKind.Regroup, (await second.CommandAsync()).Kind);
        await first.EndedAsync(15, finished: false);
        await second.EndedAsync(15, finished: false);
        await GenerationAsync(3, second, first, fresh);
        Assert.Equal(
            [(0, 3, 15L), (1, 3, 15L), (2, 3, 15L)],
            new[] { second, first, fresh }.Select(replica =>
                (replica.Generation.Rank, replica.Generation.World, replica.Generation.StartStep)
            )
        );
        Assert.Equal("Generation 3 goes on after step 15 with 3 replicas.", fresh.Generation.Reason);
        await FinishAsync(20, first, second, fresh);
        Assert.Equal((20, 3), (await coordinator.UntilAsync(runId, RunState.Succeeded)) is var run ? (run.Step, run.Generation) : default);

        var incidents = await coordinator.IncidentsAsync(runId);
        Assert.Equal(
            [
                (IncidentKind.ReplicaLost, 1L, victim.Id, "c", "generation 2 with 2 replicas after step 13", 1L),
                (IncidentKind.ReplicaJoined, 2, fresh.Id, "c", "generation 3 with 3 replicas after step 15", 0),
            ],
            incidents.Select(one =>
                (one.Kind, one.Generation, Assert.Single(one.ReplicaIds), Assert.Single(one.Hosts), one.Action, one.StepsRecomputed)
            )
        );
        Assert.Equal(
            [$"replica {victim.Id} on host c was ended by signal 9 (SIGKILL) at step 12", $"replica {fresh.Id} on host c is ready"],
            incidents.Select(one => AsExit(one.Evidence, victim.Id))
        );
        Assert.All(incidents, one => Assert.True(one is { Closed: not null, HasSecondsLost: true, SamplesRepeated: 0 }));
    }

    [Fact]
    public async Task Killed_BeforeACheckpointWasSaved_ItIsOrderedAgainUntilItIs()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b", cpus: 2));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 3, steps: 20));
        var (first, second, third) = (await a.StartReplicaAsync(), await b.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, first, second, third);
        await coordinator.Control.SaveCheckpointAsync(new SaveCheckpointRequest { RunId = runId });
        Assert.Equal(CommandKind.Checkpoint, (await first.CommandAsync()).Kind);

        await third.DieAsync();
        await first.FailAsync(FailureKind.Collective, Closed, applied: 3);
        await second.FailAsync(FailureKind.Collective, Closed, applied: 3);
        await GenerationAsync(2, first, second);
        Assert.Equal((2, CommandKind.Checkpoint), (await first.CommandAsync()) is var again ? (again.Generation, again.Kind) : default);
        await first.CheckpointAsync(4);
        await first.PersistedAsync();

        await second.DieAsync();
        await first.FailAsync(FailureKind.Collective, Closed, applied: 5);
        await GenerationAsync(3, first);
        await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        Assert.Equal(CommandKind.Stop, (await first.CommandAsync()).Kind); // and no checkpoint before it
    }

    [Fact]
    public async Task Killed_All_StepsAfterTheCheckpointAreLost()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var a = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(steps: 20));
        var first = await a.StartReplicaAsync();
        await GenerationAsync(1, first);
        await first.AttemptAsync(1);
        for (int step = 1; step <= 8; step++)
            await first.RecordAsync(step, loss: 1, seconds: 0.25);
        await first.AppliedAsync(8);
        await coordinator.UntilRecordsAsync(runId, 9);
        await first.DieAsync();

        var next = await a.StartReplicaAsync(applied: 2);
        await GenerationAsync(2, next);
        await next.AttemptAsync(2, step: 2);
        await next.RecordAsync(3, loss: 1, seconds: 0.25);
        await next.AppliedAsync(3);
        await coordinator.UntilRecordsAsync(runId, 11);
        await next.RecordAsync(3, loss: 1, seconds: 0.25); // on weights that hold it already
        await FinishAsync(20, next);

        var run = await coordinator.UntilAsync(runId, RunState.Succeeded);
        Assert.Equal(0.75, run.UsefulSeconds, 1e-9);
        Assert.True(run.WallSeconds > 0);
        var incidents = await coordinator.IncidentsAsync(runId);
        Assert.Equal(
            ("generation 2 with 1 replica after step 2, from the newest checkpoint", 6L, 0L),
            incidents[0] is var lost ? (lost.Action, lost.StepsRecomputed, lost.SamplesRepeated) : default
        );
        Assert.True(incidents[0].SecondsLost >= 1.25); // of the steps 3 to 8, all but what the third took again
        Assert.Equal(
            ("a step was recomputed on weights that already hold it", (long)TestCoordinator.Batch),
            Assert.Single(incidents.Skip(1)) is var again ? (again.Evidence, again.SamplesRepeated) : default
        );
    }

    [Fact]
    public async Task Killed_OthersDoNotSuffice_WaitsForTheNewOne()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        var (survivor, victim) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, survivor, victim);
        await victim.DieAsync();
        await survivor.FailAsync(FailureKind.Collective, Closed, applied: 3);

        await coordinator.UntilAsync(
            runId,
            run => run is { State: RunState.Waiting, Reason: "needs at least 2 replicas; 1 is ready, 1 is being started" }
        );
        var fresh = await b.StartReplicaAsync();
        await GenerationAsync(2, survivor, fresh);
        Assert.Equal((0, 3L), (survivor.Generation.Rank, survivor.Generation.StartStep));
        await FinishAsync(5, survivor, fresh);
        await coordinator.UntilAsync(runId, RunState.Succeeded);
    }

    [Fact]
    public async Task Killed_RankZeroAfterTheLastStep_AnotherEndsTheRun()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var (victim, other) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, victim, other);
        await other.EndedAsync(5, finished: true);
        await victim.DieAsync();
        await GenerationAsync(2, other);
        Assert.Equal((0, 1, 5L), (other.Generation.Rank, other.Generation.World, other.Generation.StartStep));
        await other.EndedAsync(5, finished: true);
        await other.LeaveAsync();
        await other.ExitAsync(0);
        await a.ExitedAsync((await a.LaunchAsync()).ReplicaId, 137);
        Assert.Equal(5, (await coordinator.UntilAsync(runId, RunState.Succeeded)).Step);
    }

    [Fact]
    public async Task Killed_All_GoOnFromTheCheckpoint()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        var (first, second) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, first, second);
        await first.AppliedAsync(3);
        await Task.WhenAll(first.DieAsync(), second.DieAsync());

        var next = new[] { await a.StartReplicaAsync(applied: 2), await b.StartReplicaAsync(applied: 2) };
        Assert.Single(next, replica => replica.Launch.Restore);
        await GenerationAsync(2, next);
        Assert.All(
            next,
            replica => Assert.Equal((2L, replica.Launch.Restore ? 0 : 1), (replica.Generation.StartStep, replica.Generation.Rank))
        );
        await FinishAsync(5, next);
        Assert.Equal(5, (await coordinator.UntilAsync(runId, RunState.Succeeded)).Step);
    }

    /// <summary>The exit may be reported before or after the generation settles: the broken link is as good a reason.</summary>
    private static string AsExit(string reason, string victim) =>
        reason.Replace(
            $"{victim} on host c lost its connection",
            $"{victim} on host c was ended by signal 9 (SIGKILL)",
            StringComparison.Ordinal
        );
}
