using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

public class RunWatchersTests
{
    /// <summary>What a socket does not take waits in no memory of the coordinator, and not for ever.</summary>
    [Fact]
    public async Task Watch_TakesNothing_IsCutOffAndTheRunGoesOn()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                Limits = new CoordinatorLimits { WatcherTimeout = TimeSpan.FromMilliseconds(300) },
            }
        );
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        using var deaf = coordinator.Control.WatchRun(new WatchRunRequest { RunId = runId });
        Assert.True(await deaf.ResponseStream.MoveNext(CancellationToken.None)); // its call is open, and then it reads no more
        for (int number = 1; number <= 60; number++)
            await replica.NoticeAsync(new string('x', 100_000));
        await coordinator.Log.UntilAsync("WatcherCutOff", ("RunId", runId));
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await deaf.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });
        // Where the connection takes no status either, HTTP/2 ends the call as an internal error; the coordinator has logged none.
        Assert.Contains(ended.StatusCode, (StatusCode[])[StatusCode.Unavailable, StatusCode.Cancelled, StatusCode.Internal]);
        Assert.Empty(coordinator.Log.Errors);
        await coordinator.UntilRecordsAsync(runId, 60);
    }

    [Fact]
    public async Task Watch_MoreThanAreTaken_IsRefusedUntilOneEnds()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                Limits = new CoordinatorLimits { Watchers = 1 },
            }
        );
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        using (var first = coordinator.Control.WatchRun(new WatchRunRequest { RunId = runId }))
        {
            Assert.True(await first.ResponseStream.MoveNext(CancellationToken.None));
            using var second = coordinator.Control.WatchRun(new WatchRunRequest { RunId = runId });
            Assert.Equal(
                StatusCode.ResourceExhausted,
                (await Assert.ThrowsAsync<RpcException>(() => second.ResponseStream.MoveNext(CancellationToken.None))).StatusCode
            );
        }
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        while (true)
        {
            try
            {
                await coordinator.UntilAsync(runId, RunState.Cancelled);
                return;
            }
            catch (RpcException taken) when (taken.StatusCode == StatusCode.ResourceExhausted)
            {
                await Task.Yield(); // the coordinator has not seen yet that the first has ended
            }
        }
    }

    [Fact]
    public async Task Watch_NegativeSequence_IsRefused()
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
