using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using static ClipDistributed.Coordinator.Tests.Scripted.ScriptedGroup;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Replicas that cannot go on or compute wrongly, through a real server.</summary>
public class RunLoopFaultTests
{
    [Fact]
    public async Task Faulty_IsKilledWithTheEvidenceAndTheOthersGoOn()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var (survivor, faulty) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, survivor, faulty);
        await faulty.AppliedAsync(3);
        await survivor.FailAsync(FailureKind.Collective, "rank 1 computes wrongly: numbers are not finite", applied: 3);
        await faulty.FailAsync(FailureKind.Faulty, "numbers are not finite", applied: 3);

        Assert.Equal(faulty.Id, await b.KillAsync());
        await GenerationAsync(2, survivor);
        Assert.Equal(
            $"replica {faulty.Id} on host b computes wrongly: numbers are not finite, at step 3. Generation 2 goes on after step "
                + $"3 with 1 replica.",
            survivor.Generation.Reason
        );
        await faulty.DieAsync();
        Assert.NotEqual(faulty.Id, (await b.LaunchAsync()).ReplicaId);
    }

    /// <summary>The others use the same: something is wrong with that host alone.</summary>
    [Theory]
    [InlineData(FailureKind.InputOutput)]
    [InlineData(FailureKind.BadInput)]
    public async Task Refuses_OthersHoldTheState_TheyGoOnWithoutIt(FailureKind kind)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var (survivor, refuser) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await GenerationAsync(1, survivor, refuser);
        await survivor.AttemptAsync(1);
        await survivor.RecordAsync(1, loss: 1, seconds: 0.25); // a step has shown that it can be used
        await survivor.AppliedAsync(3);
        await coordinator.UntilRecordsAsync(runId, 2);
        await refuser.AppliedAsync(2);
        await refuser.FailAsync(kind, "a shard cannot be read", applied: 2);
        await survivor.FailAsync(FailureKind.Collective, Closed, applied: 3);
        Assert.Equal(refuser.Id, await b.KillAsync());
        await GenerationAsync(2, survivor);
        Assert.Equal(
            $"replica {refuser.Id} on host b cannot go on (a shard cannot be read) at step 2. Generation 2 goes on after step 3 "
                + $"with 1 replica.",
            survivor.Generation.Reason
        );

        await refuser.DieAsync();
        string next = (await b.LaunchAsync()).ReplicaId;
        await b.ExitedAsync(next, 2, "a shard cannot be read"); // before it has a link
        string last = (await b.LaunchAsync()).ReplicaId;
        await survivor.FailAsync(kind, "a shard cannot be read", applied: 4); // no replica is left that has used it
        await survivor.LeaveAsync();
        await survivor.ExitAsync(2);
        Assert.Equal(last, await b.KillAsync());
        await b.ExitedAsync(last, 137);
        Assert.Equal(
            $"host a (replica {survivor.Id}): a shard cannot be read",
            (await coordinator.UntilAsync(runId, RunState.Failed)).Reason
        );
    }
}
