using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using static ClipDistributed.Coordinator.Tests.Runs.PreemptionScene;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>What users ask of a run that was preempted, or is about to be.</summary>
public class PreemptedRunRequestsTests
{
    [Fact]
    public async Task Pause_Preempted_StaysPausedUntilAUserResumesIt()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        var (low, _, taken) = await PreemptedAsync(coordinator, host, step: 3);
        await coordinator.UntilAsync(low, RunState.Preempted);
        await coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = low });
        Assert.Equal(RunState.Preempted, (await coordinator.RunAsync(low)).State);
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = low });
        var paused = await coordinator.UntilAsync(low, RunState.Paused);
        Assert.Equal((3L, "", 1), (paused.Step, paused.PreemptedBy, paused.Preemptions));

        await taken.TrainAsync(5);
        string other = await coordinator.SubmitAsync(coordinator.Spec(run: "other"));
        var next = await host.StartReplicaAsync();
        Assert.Equal(other, next.Launch.RunId); // it was free for others
        await coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = low });
        Assert.Equal(RunState.Pending, (await coordinator.RunAsync(low)).State);
        await next.TrainAsync(5);
        await (await host.StartReplicaAsync(applied: 3)).TrainAsync(5);
        await coordinator.UntilAsync(low, RunState.Succeeded);
    }

    [Fact]
    public async Task Pause_WhileItSaves_StaysPausedUntilAUserResumesIt()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string low = await coordinator.SubmitAsync(Preemptible(coordinator));
        var replica = await ComputingAsync(host, step: 3);
        string high = await coordinator.SubmitAsync(Urgent(coordinator));
        Assert.Equal(CommandKind.Stop, (await replica.CommandAsync()).Kind);
        Assert.Equal(high, (await coordinator.UntilAsync(low, RunState.Pausing)).PreemptedBy);
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = low });
        await LeaveAsync(replica, step: 3);
        Assert.Equal(("", 3L), ((await coordinator.UntilAsync(low, RunState.Paused)).PreemptedBy, (await coordinator.RunAsync(low)).Step));
        await (await host.StartReplicaAsync()).TrainAsync(5);
        await coordinator.UntilAsync(high, RunState.Succeeded);
        Assert.Equal(RunState.Paused, (await coordinator.RunAsync(low)).State);
    }

    [Theory]
    [InlineData(false, RunState.Stopped)]
    [InlineData(true, RunState.Cancelled)]
    public async Task Stop_Preempted_Ends(bool cancels, RunState ending)
    {
        await using var coordinator = await StartAsync();
        var (low, _, _) = await PreemptedAsync(coordinator, await coordinator.HostAsync("a"), step: 3);
        await coordinator.UntilAsync(low, RunState.Preempted);
        if (cancels)
            await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = low });
        else
            await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = low });
        Assert.Equal(3, (await coordinator.UntilAsync(low, ending)).Step);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)] // a later coordinator knows it too
    [InlineData(false, true)]
    public async Task Stop_PreemptedAndNothingCouldBeSaved_SaysSo(bool restarts, bool isPaused)
    {
        var first = await StartAsync();
        var host = await first.HostAsync("a");
        string low = await first.SubmitAsync(Preemptible(first));
        var replica = await ComputingAsync(host, step: 3);
        string high = await first.SubmitAsync(Urgent(first));
        await replica.CommandAsync();
        await replica.DieAsync();
        Assert.Equal(high, (await host.StartReplicaAsync()).Launch.RunId);
        await first.UntilAsync(low, run => run.State == RunState.Preempted && run.Reason.Contains(UnsavedLoss.Text));
        await using var coordinator = restarts ? await first.RestartAsync() : first;
        if (isPaused)
        {
            await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = low });
            await coordinator.UntilAsync(low, RunState.Paused);
        }
        await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = low });
        Assert.StartsWith(
            UnsavedLoss.Text, (await coordinator.UntilAsync(low, RunState.Stopped)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_RunDirectoryOfAPreemptedRun_SaysThatItGoesOnByItself()
    {
        await using var coordinator = await StartAsync();
        var (low, _, _) = await PreemptedAsync(coordinator, await coordinator.HostAsync("a"), step: 3);
        await coordinator.UntilAsync(low, RunState.Preempted);
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(Preemptible(coordinator)));
        Assert.Contains($"{low}, which is preempted; it goes on by itself: wait for it", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RollBack_Preempted_ReturnsByItselfFromTheCheckpoint(bool isWaiting)
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string low = await coordinator.SubmitAsync(Preemptible(coordinator));
        var replica = await ComputingAsync(host, step: 3);
        StoredCheckpoints.Save(coordinator.Spec(name: "low").RunDirectory, attempt: 1, step: 2);
        await coordinator.SubmitAsync(Urgent(coordinator));
        await replica.CommandAsync();
        if (!isWaiting)
            await RollBackAsync(coordinator, low);
        await LeaveAsync(replica, step: 3);
        var taken = await host.StartReplicaAsync();
        if (isWaiting)
        {
            await coordinator.UntilAsync(low, RunState.Preempted);
            await RollBackAsync(coordinator, low);
        }
        var waits = await coordinator.UntilAsync(low, run => run is { State: RunState.Preempted, Step: 2 });
        Assert.NotEqual("", waits.PreemptedBy);
        await taken.TrainAsync(5);
        await (await host.StartReplicaAsync(applied: 2)).TrainAsync(5);
        await coordinator.UntilAsync(low, RunState.Succeeded);
    }
}
