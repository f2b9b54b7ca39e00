using System.Diagnostics;
using System.Globalization;
using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Files;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>A coordinator's store is lost while replicas train, and restored from a backup.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RestoreTests(ClusterData data)
{
    // As of CoordinatorFaultTests: what one replica makes of them is computed once.
    private static readonly string[] Steps = ["samples=6400", "evaluate.every_steps=0"];

    [Fact]
    public async Task Store_LostAndRestoredWhileReplicasTrain_TheRunEndsAsIfUndisturbed()
    {
        using var folder = new TemporaryFolder();
        var spec = data.Spec(Steps);
        await using var cluster = await LiveCluster.StartApartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3), state = Path.GetDirectoryName(cluster.TokenFile)!;
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), 5);
        AssertDone(Clipd.Run(
            folder.Path, "coordinator", "backup", "saved", "--coordinator", cluster.Address, "--token-file", cluster.TokenFile));
        long taken = LastOf(spec.RunDirectory);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), taken + 10);
        var before = await cluster.StateAsync(runId);

        var since = Stopwatch.StartNew();
        await cluster.Coordinator.KillAsync();
        AssertDone(Clipd.Run(folder.Path, "coordinator", "restore", "saved", "--state", state, "--replace"));
        var restored = since.Elapsed;
        await cluster.Coordinator.StartAgainAsync();
        var run = await cluster.StateAsync(runId);
        long stored = run.Step;
        for (; run.Generation <= before.Generation || run.Step == stored; run = await cluster.StateAsync(runId))
            await Task.Delay(50, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"restored after {restored.TotalSeconds:0.00} s, computing after {since.Elapsed.TotalSeconds:0.00} s, "
                + $"backup at step {stored}, killed at step {before.Step} or later, at step {run.Step} then"));

        var ended = await cluster.EndAsync(runId);
        Assert.Equal((RunState.Succeeded, ""), (ended.State, ended.Reason));
        Assert.True(ended.Term > before.Term + 1_000 && ended.Generation > before.Generation + 1_000, $"{ended}");
        ClusterData.Recorded(spec).AssertFollows(data.Alone(Steps));
    }

    private static long LastOf(string directory)
    {
        using var tail = new StepTail(new(directory));
        return tail.Last();
    }

    private static void AssertDone(ClipdResult result) => Assert.True(result.ExitCode == 0, result.Errors);
}
