using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>A step that crashes its replicas, through a real server.</summary>
public class RunLoopTrialTests
{
    private const int SegmentationFault = 139;

    [Fact]
    public async Task Crashed_TwiceAtOneStep_TheRowIsFoundAndAllReceiveIt()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec(min: 1, max: 3, steps: 20);
        var (a, survivor) = await CrashTwiceAsync(coordinator, spec);

        var launch = await TrialAsync(a);
        Assert.Equal((4, 8, spec.RunDirectory), (launch.Trial.Step, launch.Trial.Rows.Count, launch.RunDirectory));
        var poison = launch.Trial.Rows[2];
        await a.ExitedAsync(launch.ReplicaId, SegmentationFault, rowsBegun: 3);
        var rest = await TrialAsync(a);
        Assert.Equal(launch.Trial.Rows.Skip(3), rest.Trial.Rows);
        await a.ExitedAsync(rest.ReplicaId, 0, rowsBegun: 5);

        await survivor.GenerationAsync();
        Assert.Equal([poison], survivor.Generation.PoisonRows);
        Assert.Equal([new SampleId(poison.Shard, poison.Row)], PoisonRowsFile.Load(new RunDirectory(spec.RunDirectory)));
        await survivor.BreakLinkAsync();
    }

    /// <summary>Three replicas work on step 4; two crash there, one after the other.</summary>
    private static async Task<(ScriptedHost Host, ScriptedReplica Survivor)> CrashTwiceAsync(
        TestCoordinator coordinator,
        Contracts.Spec.V1.TrainingSpec spec
    )
    {
        var a = await coordinator.HostAsync("a", cpus: 3);
        await coordinator.SubmitAsync(spec);
        var members = new[] { await a.StartReplicaAsync(), await a.StartReplicaAsync(), await a.StartReplicaAsync() };
        foreach (var member in members)
        {
            await member.GenerationAsync();
            await member.AppliedAsync(3);
        }
        await CrashAsync(a, members[2], members[..2], applied: 3);
        foreach (var member in members[..2])
            await member.GenerationAsync();
        await CrashAsync(a, members[1], members[..1], applied: 3);
        return (a, members[0]);
    }

    private static async Task CrashAsync(ScriptedHost host, ScriptedReplica victim, ScriptedReplica[] others, long applied)
    {
        await victim.BreakLinkAsync();
        await host.ExitedAsync(victim.Id, SegmentationFault);
        foreach (var other in others)
        {
            await other.EndGenerationAsync();
            await other.FailAsync(FailureKind.Collective, "closed", applied: applied);
        }
    }

    /// <summary>The next trial; replicas that are to be started meanwhile do not come.</summary>
    private static async Task<LaunchReplica> TrialAsync(ScriptedHost host)
    {
        while (true)
        {
            var launch = await host.LaunchAsync();
            if (launch.Trial is not null)
                return launch;
        }
    }
}
