using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using static ClipDistributed.Coordinator.Tests.Scripted.ScriptedGroup;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>What comes while a run recovers from a loss, through a real server.</summary>
public class RunLoopRecoveryTests
{
    [Fact]
    public async Task Stop_DuringRecovery_StillSaves()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        var (survivor, victim) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, survivor, victim);
        await victim.DieAsync();
        await survivor.EndGenerationAsync();
        await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        await survivor.FailAsync(FailureKind.Collective, Closed, applied: 3);

        await GenerationAsync(2, survivor);
        Assert.Equal((2L, CommandKind.Stop), (await survivor.CommandAsync()) is var sent ? (sent.Generation, sent.Kind) : default);
        await survivor.EndedAsync(4, finished: false);
        await survivor.LeaveAsync();
        await survivor.ExitAsync(75);
        Assert.Equal(
            "stopped after step 4, saved; clipd submit SPEC --resume goes on",
            (await coordinator.UntilAsync(runId, RunState.Stopped)).Reason
        );
    }

    [Fact]
    public async Task Cancel_WhileItWaitsForReplicas_EndsAtOnce()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        var (survivor, victim) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, survivor, victim);
        await victim.DieAsync();
        await survivor.FailAsync(FailureKind.Collective, Closed, applied: 3);
        string fresh = (await b.LaunchAsync()).ReplicaId;

        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await survivor.LeaveAsync();
        Assert.Equal(survivor.Id, await a.KillAsync());
        Assert.Equal(fresh, await b.KillAsync());
        await survivor.DieAsync();
        await b.ExitedAsync(fresh, 137);
        Assert.Equal("cancelled by a user", (await coordinator.UntilAsync(runId, RunState.Cancelled)).Reason);
    }

    [Fact]
    public async Task NextGeneration_MessagesOfTheOldOne_AreIgnored()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2, steps: 20));
        var (survivor, victim) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, survivor, victim);
        await survivor.AttemptAsync(1);
        for (int step = 1; step <= 3; step++)
            await survivor.RecordAsync(step, loss: step);
        await victim.DieAsync();
        await survivor.FailAsync(FailureKind.Collective, Closed, applied: 2);
        await GenerationAsync(2, survivor);
        Assert.Equal(2, survivor.Generation.StartStep);

        await survivor.AppliedAsync(9, generation: 1);
        await survivor.RecordAsync(9, loss: 9, generation: 1);
        await survivor.FailAsync(FailureKind.BadInput, "of old", generation: 1);
        await survivor.EndedAsync(20, finished: true, generation: 1);
        await survivor.RecordAsync(3, loss: 3); // recomputed, and recorded before
        await survivor.RecordAsync(4, loss: 4);
        await survivor.AttemptAsync(2);
        await survivor.RecordAsync(3, loss: 33); // of another attempt
        await survivor.AppliedAsync(4);

        var losses = new List<double>();
        await foreach (var response in coordinator.WatchAsync(runId))
        {
            if (response.Record?.Step is { } step)
                losses.Add(step.Loss);
            if (losses.Count == 5)
                break;
        }
        Assert.Equal([1.0, 2, 3, 4, 33], losses);
        Assert.Equal((RunState.Running, 2), (await coordinator.RunAsync(runId)) is var run ? (run.State, run.Generation) : default);
    }
}
