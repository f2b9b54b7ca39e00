using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Data.Checkpoints;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class RunLoopRollBackTests
{
    [Fact]
    public async Task RollBack_Computing_SavesAndGoesOnFromTheCheckpointAsANewAttempt()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        var (runId, replica) = await ComputingAsync(coordinator, host);
        await RollBackAsync(coordinator, runId, step: 2);
        await LeaveAsync(replica);

        var again = await host.StartReplicaAsync(applied: 2);
        Assert.True(again.Launch.Restore);
        var info = RunInfo.Load(Directory(coordinator).Info);
        Assert.Equal([new RunAttempt(1, 0, 0), new RunAttempt(2, 1, 2, IsPlanned: true)], info.Attempts);
        Assert.Equal([2L], new DiskCheckpoints(Directory(coordinator)).List().Where(one => one.IsPinned).Select(one => one.Step));
        await again.GenerationAsync();
        var back = await coordinator.UntilAsync(runId, run => run is { State: RunState.Running, Step: 2 });
        Assert.False(back.HasLoss); // that was step 3's
        await again.AttemptAsync(attempt: 2, step: 2);
        for (long step = 3; step <= 5; step++)
        {
            await again.RecordAsync(step, loss: 1);
            await again.AppliedAsync(step);
        }
        await again.EndedAsync(5, finished: true);
        await again.LeaveAsync();
        await again.ExitAsync(0);
        await coordinator.UntilAsync(runId, RunState.Succeeded);
        Assert.Empty(await coordinator.IncidentsAsync(runId));
        var steps = new List<long>();
        await foreach (var response in coordinator.WatchAsync(runId))
            steps.AddRange(response.Record?.Step is { } done ? [done.Step] : Array.Empty<long>());
        Assert.Equal([1, 2, 3, 3, 4, 5], steps); // what was abandoned stays in the history
    }

    [Fact]
    public async Task RollBack_Paused_StaysPausedAtTheEarlierStep()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        var (runId, replica) = await ComputingAsync(coordinator, host);
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        await LeaveAsync(replica);
        Assert.Equal(3, (await coordinator.UntilAsync(runId, RunState.Paused)).Step);
        await RollBackAsync(coordinator, runId, step: 1);
        Assert.Equal(RunState.Paused, (await coordinator.UntilAsync(runId, run => run.Step == 1)).State);
        Assert.Equal(new RunAttempt(2, 1, 1, IsPlanned: true), RunInfo.Load(Directory(coordinator).Info).Attempts[^1]);
        await coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId });
        await (await host.StartReplicaAsync(applied: 1)).TrainAsync(5);
        await coordinator.UntilAsync(runId, RunState.Succeeded);
    }

    [Fact]
    public async Task RollBack_CoordinatorRestartedMeanwhile_IsDoneByTheNextOne()
    {
        var first = await TestCoordinator.StartAsync();
        var host = await first.HostAsync("a");
        var (runId, replica) = await ComputingAsync(first, host);
        await RollBackAsync(first, runId, step: 2);
        await replica.EndedAsync(3, finished: false);
        await replica.LeaveAsync();
        await using var second = await first.RestartAsync();
        var known = await second.HostAsync("a", replica.Id);
        var again = await replica.ReconnectAsync(second.Channel, known, applied: 3, CommandKind.Stop);
        await again.LeaveAsync();
        await again.ExitAsync(0);
        await second.UntilAsync(runId, run => run.State != RunState.Pausing && run.Step == 2);
        Assert.Equal(new RunAttempt(2, 1, 2, IsPlanned: true), RunInfo.Load(Directory(second).Info).Attempts[^1]);
    }

    [Fact]
    public async Task RollBack_RunDirectoryUnusable_StaysPausedAndSaysWhy()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        var (runId, replica) = await ComputingAsync(coordinator, host);
        await RollBackAsync(coordinator, runId, step: 2);
        File.Delete(Directory(coordinator).Info);
        await LeaveAsync(replica);
        var paused = await coordinator.UntilAsync(runId, run => run.State == RunState.Paused && !run.Reason.StartsWith("saved"));
        Assert.StartsWith("could not be rolled back to step 2 (", paused.Reason, StringComparison.Ordinal);
        Assert.Equal(3, paused.Step);
    }

    [Fact]
    public async Task RollBack_Impossible_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        foreach (long step in (long[])[1, 2])
            StoredCheckpoints.Save(coordinator.Spec().RunDirectory, attempt: 1, step);
        await File.WriteAllTextAsync(
            Path.Combine(Directory(coordinator).Checkpoint(1, 2), "weights"), "damaged", TestContext.Current.CancellationToken);
        Assert.Equal(StatusCode.NotFound, await RefusalAsync(() => RollBackAsync(coordinator, runId, step: 3)));
        Assert.Equal(StatusCode.FailedPrecondition, await RefusalAsync(() => RollBackAsync(coordinator, runId, step: 2)));
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await coordinator.UntilAsync(runId, RunState.Cancelled);
        Assert.Equal(StatusCode.FailedPrecondition, await RefusalAsync(() => RollBackAsync(coordinator, runId, step: 1)));
        Assert.DoesNotContain(new DiskCheckpoints(Directory(coordinator)).List(), one => one.IsPinned);
    }

    [Fact]
    public async Task RollBack_Twice_TheSecondIsRefusedUntilTheFirstIsDone()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (runId, replica) = await ComputingAsync(coordinator, await coordinator.HostAsync("a"));
        await RollBackAsync(coordinator, runId, step: 2);
        Assert.Equal(StatusCode.FailedPrecondition, await RefusalAsync(() => RollBackAsync(coordinator, runId, step: 1)));
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId }); // it stays paused then
        await LeaveAsync(replica);
        await coordinator.UntilAsync(runId, run => run.State == RunState.Paused && run.Step == 2);
        await RollBackAsync(coordinator, runId, step: 1);
        await coordinator.UntilAsync(runId, run => run.Step == 1);
    }

    private static async Task<(string RunId, ScriptedReplica Replica)> ComputingAsync(TestCoordinator coordinator, ScriptedHost host)
    {
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.AttemptAsync(attempt: 1);
        for (long step = 1; step <= 3; step++)
        {
            await replica.RecordAsync(step, loss: 1);
            await replica.AppliedAsync(step);
            StoredCheckpoints.Save(coordinator.Spec().RunDirectory, attempt: 1, step);
        }
        await coordinator.UntilRecordsAsync(runId, count: 4);
        return (runId, replica);
    }

    private static async Task LeaveAsync(ScriptedReplica replica)
    {
        Assert.Equal(CommandKind.Stop, (await replica.CommandAsync()).Kind);
        await replica.EndedAsync(3, finished: false);
        await replica.LeaveAsync();
        await replica.ExitAsync(0);
    }

    private static async Task RollBackAsync(TestCoordinator coordinator, string runId, long step) =>
        await new CheckpointService.CheckpointServiceClient(coordinator.Channel)
            .RollBackRunAsync(new RollBackRunRequest { RunId = runId, Step = step });

    private static RunDirectory Directory(TestCoordinator coordinator) => new(coordinator.Spec().RunDirectory);

    private static async Task<StatusCode> RefusalAsync(Func<Task> call) => (await Assert.ThrowsAsync<RpcException>(call)).StatusCode;
}
