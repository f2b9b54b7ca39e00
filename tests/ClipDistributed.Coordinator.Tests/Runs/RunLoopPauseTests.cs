using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class RunLoopPauseTests
{
    [Fact]
    public async Task Pause_Computing_SavesGivesItsDeviceBackAndGoesOnAfterItsStep()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await PauseAsync(coordinator, runId, await ComputingAsync(host, step: 3), step: 3);

        var paused = await coordinator.UntilAsync(runId, RunState.Paused);
        Assert.Equal((3L, 0, $"saved after step 3; clipd run resume {runId} goes on"), (paused.Step, paused.Replicas.Count, paused.Reason));
        Assert.Null(paused.Ended);
        string other = await coordinator.SubmitAsync(coordinator.Spec(run: "other"));
        var taken = await host.StartReplicaAsync();
        Assert.Equal(other, taken.Launch.RunId);

        await coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId });
        await coordinator.UntilAsync(runId, run => run.Reason == $"needs at least 1 free device; the only one is used by {other}");
        await taken.TrainAsync(5);
        var again = await host.StartReplicaAsync(applied: 3);
        Assert.Equal((runId, true), (again.Launch.RunId, again.Launch.Restore));
        await again.TrainAsync(5);
        var done = await coordinator.UntilAsync(runId, RunState.Succeeded);
        Assert.Equal((5L, 2L, 3L), (done.Step, done.Generation, again.Generation.StartStep));
        Assert.Empty(await coordinator.IncidentsAsync(runId));
    }

    [Fact]
    public async Task Pause_CoordinatorRestarted_StaysPausedUntilItIsResumed()
    {
        var first = await TestCoordinator.StartAsync();
        var host = await first.HostAsync("a");
        string runId = await first.SubmitAsync(first.Spec());
        await PauseAsync(first, runId, await ComputingAsync(host, step: 2), step: 2);
        double wall = (await first.UntilAsync(runId, RunState.Paused)).WallSeconds;
        await using var second = await first.RestartAsync();
        var restarted = await second.HostAsync("a");
        string other = await second.SubmitAsync(second.Spec(run: "other"));
        var taken = await restarted.StartReplicaAsync();
        Assert.Equal(other, taken.Launch.RunId);
        var paused = await second.RunAsync(runId);
        Assert.Equal((RunState.Paused, 2L, wall), (paused.State, paused.Step, paused.WallSeconds));

        await second.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId });
        await taken.TrainAsync(5);
        await (await restarted.StartReplicaAsync(applied: 2)).TrainAsync(5);
        await second.UntilAsync(runId, RunState.Succeeded);
        Assert.Empty(await second.IncidentsAsync(runId));
    }

    [Fact]
    public async Task Pause_CoordinatorRestartedWhileReplicasLeave_IsPausedOnceTheyAreGone()
    {
        var first = await TestCoordinator.StartAsync();
        var host = await first.HostAsync("a");
        string runId = await first.SubmitAsync(first.Spec());
        var replica = await ComputingAsync(host, step: 2);
        await first.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        await replica.EndedAsync(2, finished: false);
        await replica.LeaveAsync();
        await using var second = await first.RestartAsync();
        var known = await second.HostAsync("a", replica.Id); // its process has not ended yet
        var again = await replica.ReconnectAsync(second.Channel, known, applied: 2, CommandKind.Stop);
        await again.EndedAsync(2, finished: false);
        await again.LeaveAsync();
        await again.ExitAsync(0);
        Assert.Equal(2, (await second.UntilAsync(runId, RunState.Paused)).Step);
    }

    [Fact]
    public async Task Pause_ReplicaEndsWhileNoCoordinatorLeads_IsNoIncident()
    {
        var first = await TestCoordinator.StartAsync();
        var host = await first.HostAsync("a");
        string runId = await first.SubmitAsync(first.Spec());
        var replica = await ComputingAsync(host, step: 2);
        await first.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        await replica.EndedAsync(2, finished: false);
        await replica.LeaveAsync();
        await using var second = await first.RestartAsync();
        await second.HostAsync("a"); // it no longer runs there
        Assert.Equal(2, (await second.UntilAsync(runId, RunState.Paused)).Step);
        Assert.Empty(await second.IncidentsAsync(runId));
    }

    [Fact]
    public async Task Pause_WaitingForDevices_LeavesTheQueue()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string first = await coordinator.SubmitAsync(coordinator.Spec());
        string second = await coordinator.SubmitAsync(coordinator.Spec(run: "second"));
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = first });
        await coordinator.UntilAsync(first, RunState.Paused);
        var host = await coordinator.HostAsync("a");
        var replica = await host.StartReplicaAsync();
        Assert.Equal(second, replica.Launch.RunId);
        await replica.TrainAsync(5);
        await coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = first });
        await (await host.StartReplicaAsync()).TrainAsync(5);
        await coordinator.UntilAsync(first, RunState.Succeeded);
    }

    [Fact]
    public async Task Pause_ReplicaStillLoads_IsKilled()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string replicaId = (await host.LaunchAsync()).ReplicaId;
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        Assert.Equal(replicaId, await host.KillAsync());
        await host.ExitedAsync(replicaId, 137);
        await coordinator.UntilAsync(runId, RunState.Paused);
    }

    [Fact]
    public async Task Resume_BeforeItWasSaved_GoesOnWithTheSameReplica()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await ComputingAsync(host, step: 1);
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        Assert.Equal(CommandKind.Stop, (await replica.CommandAsync()).Kind);
        await coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId });
        Assert.Equal(RunState.Running, (await coordinator.RunAsync(runId)).State);
        await replica.EndedAsync(2, finished: false);
        await replica.TrainAsync(5);
        Assert.Equal((2L, 2L), (replica.Generation.Generation, replica.Generation.StartStep));
        await coordinator.UntilAsync(runId, RunState.Succeeded);
    }

    [Theory]
    [InlineData(false, RunState.Stopped)]
    [InlineData(true, RunState.Cancelled)]
    public async Task Stop_Paused_Ends(bool cancels, RunState ending)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await PauseAsync(coordinator, runId, await ComputingAsync(host, step: 3), step: 3);
        await coordinator.UntilAsync(runId, RunState.Paused);
        if (cancels)
            await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        else
            await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        Assert.Equal(3, (await coordinator.UntilAsync(runId, ending)).Step);
    }

    [Fact]
    public async Task Stop_Pausing_EndsWhenItIsSaved()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await ComputingAsync(host, step: 3);
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        await RefusedAsync(coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId }));
        await RefusedAsync(coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId }));
        await replica.EndedAsync(3, finished: false);
        await replica.LeaveAsync();
        await replica.ExitAsync(0);
        await coordinator.UntilAsync(runId, RunState.Stopped);
        await RefusedAsync(coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId }));
        await RefusedAsync(coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId }));
    }

    [Fact]
    public async Task SaveCheckpoint_Paused_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        await RefusedAsync(coordinator.Control.SaveCheckpointAsync(new SaveCheckpointRequest { RunId = runId }));
    }

    private static async Task<ScriptedReplica> ComputingAsync(ScriptedHost host, long step)
    {
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.AppliedAsync(step);
        return replica;
    }

    private static async Task PauseAsync(TestCoordinator coordinator, string runId, ScriptedReplica replica, long step)
    {
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        Assert.Equal(CommandKind.Stop, (await replica.CommandAsync()).Kind);
        await replica.EndedAsync(step, finished: false);
        await replica.LeaveAsync();
        await replica.ExitAsync(0);
    }

    private static async Task RefusedAsync<T>(AsyncUnaryCall<T> call) =>
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
}
