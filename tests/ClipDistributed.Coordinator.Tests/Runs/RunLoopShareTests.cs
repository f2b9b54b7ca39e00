using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Shares that follow the speed of the replicas, through a real server.</summary>
public class RunLoopShareTests
{
    [Fact]
    public async Task Straggler_GetsFewerRows_AfterTheStepsThatAreAssigned()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (runId, fast, slow) = await BeginAsync(coordinator);

        await WorkAsync(1, 40, fast, slow);

        foreach (var replica in new[] { fast, slow })
        {
            var pieces = new[] { await replica.AssignmentAsync(), await replica.AssignmentAsync(), await replica.AssignmentAsync() };
            Assert.Equal([1L, 33L, 65L], pieces.Select(piece => piece.FirstStep));
            Assert.Equal([[4u, 4u], [4u, 4u], [6u, 2u]], pieces.Select(piece => piece.Shares.ToArray()));
        }
        Assert.Contains(
            $"Replica {slow.Id} on host b computes 3.00 s a step, the others 1.00 s: from step 65 on the shares are 6 + 2 "
                + $"rows instead of 4 + 4.",
            await NoticeAsync(coordinator, runId),
            StringComparison.OrdinalIgnoreCase
        );
    }

    [Fact]
    public async Task Restart_SharesHadChanged_EveryStepIsCutAsBefore()
    {
        var before = await TestCoordinator.StartAsync();
        var (runId, fast, slow) = await BeginAsync(before);
        await WorkAsync(1, 40, fast, slow);
        await NoticeAsync(before, runId);

        await using var after = await before.RestartAsync();
        var (a, b) = (await after.HostAsync("a", fast.Id), await after.HostAsync("b", slow.Id));
        fast = await fast.ReconnectAsync(after.Channel, a, applied: 40);
        slow = await slow.ReconnectAsync(after.Channel, b, applied: 40);

        var pieces = new[] { await slow.AssignmentAsync(), await slow.AssignmentAsync(), await slow.AssignmentAsync() };
        Assert.Equal([32L, 64L, 96L], pieces.Select(piece => piece.LastStep));
        Assert.Equal([[4u, 4u], [4u, 4u], [6u, 2u]], pieces.Select(piece => piece.Shares.ToArray()));
    }

    [Fact]
    public async Task Straggler_SharesAreToStayEven_TheyDo()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (_, fast, slow) = await BeginAsync(coordinator, rebalanceAbove: 0);

        await WorkAsync(1, 40, fast, slow);

        for (int piece = 0; piece < 3; piece++)
            Assert.Equal([4u, 4u], (await slow.AssignmentAsync()).Shares);
    }

    private static async Task<(string RunId, ScriptedReplica Fast, ScriptedReplica Slow)> BeginAsync(
        TestCoordinator coordinator,
        double? rebalanceAbove = null
    )
    {
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        var spec = coordinator.Spec(min: 2, max: 2, steps: 300);
        if (rebalanceAbove is { } above)
            spec.Replicas.RebalanceAbove = above;
        string runId = await coordinator.SubmitAsync(spec);
        var (fast, slow) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await fast.GenerationAsync();
        await slow.GenerationAsync();
        return (runId, fast, slow);
    }

    private static async Task WorkAsync(long from, long to, ScriptedReplica fast, ScriptedReplica slow)
    {
        for (long step = from; step <= to; step++)
        {
            await fast.AppliedAsync(step, busy: 1);
            await slow.AppliedAsync(step, busy: 3);
        }
    }

    /// <summary>The first one.</summary>
    private static async Task<string> NoticeAsync(TestCoordinator coordinator, string runId)
    {
        await foreach (var response in coordinator.WatchAsync(runId))
        {
            if (response.Record?.Notice is { } notice)
                return notice.Text;
        }
        throw new InvalidOperationException($"{runId} ended without a notice.");
    }
}
