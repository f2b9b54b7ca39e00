using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class RunLoopTests
{
    [Fact]
    public async Task Run_TwoHosts_GoesFromSubmissionToSuccess()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (b, a) = (await coordinator.HostAsync("b"), await coordinator.HostAsync("a"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2, steps: 100));
        Assert.Equal("demo-1", runId);

        var (first, second) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        Assert.True(first.Launch.Restore);
        Assert.False(second.Launch.Restore);
        var done = await Task.WhenAll(first.TrainAsync(100), second.TrainAsync(100));

        var run = await coordinator.UntilAsync(runId, RunState.Succeeded);
        Assert.Equal((100, 100, 1, ""), (run.Step, run.Steps, run.Generation, run.Reason));
        Assert.Equal(0.04, run.Loss);
        Assert.Equal(["a", "b"], run.Replicas.Select(replica => replica.Host));
        Assert.All(run.Replicas, replica => Assert.Equal(4u, replica.Share));
        Assert.Equal(
            (0, 2, 0, 0L, CollectiveEngine.Gloo),
            (
                first.Generation.Rank,
                first.Generation.World,
                first.Generation.SourceRank,
                first.Generation.StartStep,
                first.Generation.Engine
            )
        );
        Assert.Equal((1, 2), (second.Generation.Rank, second.Generation.World));
        Assert.Equal([1L, 33, 65, 97], done[0].Select(piece => piece.FirstStep));
        Assert.All(done[1], piece => Assert.Equal([4u, 4u], piece.Shares));
        Assert.All(done[1], piece => Assert.NotEmpty(piece.Spans));
        Assert.NotNull(run.Started);
        Assert.NotNull(run.Ended);
    }

    [Fact]
    public async Task Run_RestoredState_GoesOnAfterIt()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 0, gpus: 2);
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2, steps: 9));
        var replicas = new[] { await host.StartReplicaAsync(applied: 7), await host.StartReplicaAsync() };

        var done = await Task.WhenAll(replicas.Select(replica => replica.TrainAsync(9)));

        Assert.Equal((7L, CollectiveEngine.Nccl), (replicas[0].Generation.StartStep, replicas[0].Generation.Engine));
        Assert.All(done, pieces => Assert.Equal((8L, 9L), (pieces.Single().FirstStep, pieces.Single().LastStep)));
        Assert.Equal(9, (await coordinator.UntilAsync(runId, RunState.Succeeded)).Step);
    }

    [Fact]
    public async Task Run_OneReplica_NeedsNoEngine()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 3);
        await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        Assert.Equal(CollectiveEngine.None, (await replica.GenerationAsync()).Engine);
    }

    [Fact]
    public async Task Run_TooFewDevices_WaitsAndSaysForWhat()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 4, max: 4));
        Assert.StartsWith(
            "needs at least 4 devices; no worker host is connected",
            (await coordinator.UntilAsync(runId, run => run.Reason != "")).Reason,
            StringComparison.Ordinal
        );

        await coordinator.HostAsync("a");
        await coordinator.HostAsync("b");
        const string all = "needs at least 4 devices; 2 hosts offer 2: a 1 cpu, b 1 cpu";
        Assert.Equal(RunState.Pending, (await coordinator.UntilAsync(runId, run => run.Reason == all)).State);

        await coordinator.HostAsync("c", cpus: 2);
        await coordinator.UntilAsync(runId, RunState.Starting);
    }

    [Fact]
    public async Task Run_DevicesInUse_WaitsForThemInTheOrderOfSubmission()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string first = await coordinator.SubmitAsync(coordinator.Spec());
        string second = await coordinator.SubmitAsync(coordinator.Spec(run: "second"));
        string third = await coordinator.SubmitAsync(coordinator.Spec(run: "third"));
        Assert.Equal(("demo-1", "demo-2", "demo-3"), (first, second, third));
        await coordinator.UntilAsync(second, run => run.Reason == "needs at least 1 free device; the only one is used by demo-1");
        const string queued = "needs at least 1 free device; the only one is used by demo-1; queued after demo-2";
        await coordinator.UntilAsync(third, run => run.Reason == queued);

        foreach (string runId in new[] { first, second, third })
        {
            var replica = await host.StartReplicaAsync();
            Assert.Equal(runId, replica.Launch.RunId);
            await replica.TrainAsync(5);
        }
        await coordinator.UntilAsync(third, RunState.Succeeded);
    }

    [Fact]
    public async Task Run_ReplicaCannotLoad_FailsWithItsError()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 2);
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        var replica = await host.StartReplicaAsync();
        string other = (await host.LaunchAsync()).ReplicaId;

        await replica.FailAsync(FailureKind.BadInput, "/data/x.parquet is not there; mount it", generation: 0);
        await replica.LeaveAsync();
        await replica.ExitAsync(2);
        Assert.Equal(other, await host.KillAsync()); // it still loads and has no link
        await host.ExitedAsync(other, 137);

        Assert.Equal(
            $"host a (replica {replica.Id}): /data/x.parquet is not there; mount it",
            (await coordinator.UntilAsync(runId, RunState.Failed)).Reason
        );
    }

    [Fact]
    public async Task Run_InputRefusedBeforeALink_FailsAtOnceWithoutAdviceToResume()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string replicaId = (await host.LaunchAsync()).ReplicaId;
        await host.ExitedAsync(replicaId, 2, "no column\nno rows");

        Assert.Equal($"host a (replica {replicaId}): no column | no rows", (await coordinator.UntilAsync(runId, RunState.Failed)).Reason);
    }

    [Fact]
    public async Task Run_ProgressBeforeAGeneration_IsNoState()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        string first = (await a.LaunchAsync()).ReplicaId;
        var second = await b.StartReplicaAsync();
        await second.AppliedAsync(7, generation: 0); // a heartbeat, whatever step it names
        await a.ExitedAsync(first, 137);

        Assert.True((await a.LaunchAsync()).Restore); // no replica holds the state
    }

    [Fact]
    public async Task Run_OlderGenerationsMessages_AreIgnored()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(steps: 20));
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.AppliedAsync(9, generation: 7);
        await replica.RecordAsync(9, loss: 1, generation: 7);
        await replica.FailAsync(FailureKind.Diverged, "of old", generation: 7);
        await replica.AppliedAsync(2);
        await replica.RecordAsync(2, loss: 3);

        await foreach (var response in coordinator.WatchAsync(runId))
        {
            if (response.Record is not { } record)
                continue;
            Assert.Equal((1L, 3.0), (record.Sequence, record.Step.Loss));
            break;
        }
        var run = await coordinator.RunAsync(runId);
        Assert.Equal((RunState.Running, 2, 3.0), (run.State, run.Step, run.Loss));
        Assert.Equal((2L, StepPhase.Optimizer, 2000L), (run.Replicas[0].Step, run.Replicas[0].Phase, run.Replicas[0].ResidentBytes));
    }

    [Fact]
    public async Task Stop_RunningRun_EndsItSaved()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();

        await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        Assert.Equal(RunState.Stopping, (await coordinator.RunAsync(runId)).State);
        var command = await replica.CommandAsync();
        Assert.Equal((1L, 1L, CommandKind.Stop), (command.Generation, command.Number, command.Kind));
        await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = runId }); // asking twice changes nothing
        await replica.EndedAsync(3, finished: false);
        await replica.LeaveAsync();
        await replica.ExitAsync(75);

        var run = await coordinator.UntilAsync(runId, RunState.Stopped);
        Assert.Equal((3, "stopped after step 3, saved; clipd submit SPEC --resume goes on"), (run.Step, run.Reason));
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = runId })
        );
        Assert.Equal((StatusCode.FailedPrecondition, $"run {runId} has ended: stopped"), (refused.StatusCode, refused.Status.Detail));
    }

    [Fact]
    public async Task Stop_WaitingRun_EndsAtOnce()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await coordinator.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        Assert.Equal("stopped before it began", (await coordinator.UntilAsync(runId, RunState.Stopped)).Reason);
    }

    [Fact]
    public async Task Cancel_RunningRun_KillsItsReplicas()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();

        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await replica.LeaveAsync();
        Assert.Equal(replica.Id, await host.KillAsync());
        await host.ExitedAsync(replica.Id, 137);

        Assert.Equal("cancelled by a user", (await coordinator.UntilAsync(runId, RunState.Cancelled)).Reason);
    }
}
