using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Checkpoints;

public class RunCheckpointsTests
{
    [Fact]
    public async Task List_SeveralAttempts_NewestFirstInPagesAndTheAbandonedAreNamed()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        Assert.Empty((await ListAsync(coordinator, runId)).Checkpoints);
        string folder = Save(coordinator, (1, 1), (1, 2), (1, 3), (2, 3))[^1];
        var info = new RunDirectory(coordinator.Spec().RunDirectory).Info;
        (RunInfo.Load(info) with { Attempts = [new(1, 0, 0), new(2, 1, 2)] }).Save(info);

        var first = await ListAsync(coordinator, runId, size: 3);
        var rest = await ListAsync(coordinator, runId, size: 3, token: first.NextPageToken);
        Assert.Equal(
            [(2, 3L, false), (1, 3L, true), (1, 2L, false), (1, 1L, false)],
            first.Checkpoints.Concat(rest.Checkpoints).Select(one => (one.Attempt, one.Step, one.Abandoned))
        );
        Assert.Equal("", rest.NextPageToken);
        var newest = first.Checkpoints[0];
        Assert.Equal((folder, "run directory", false), (newest.Path, newest.Place, newest.Pinned));
        Assert.Equal(new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length), newest.Bytes);
        Assert.Equal(new DirectoryInfo(folder).EnumerateFiles().Max(file => file.LastWriteTimeUtc), newest.Saved.ToDateTime());
    }

    [Fact]
    public async Task Pin_Checkpoint_ChangesNotWhenItWasSaved()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        foreach (var file in new DirectoryInfo(Save(coordinator, (1, 1))[0]).EnumerateFiles())
            file.LastWriteTimeUtc = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        var before = Assert.Single((await ListAsync(coordinator, runId)).Checkpoints);
        await PinAsync(coordinator, runId, step: 1);
        var pinned = Assert.Single((await ListAsync(coordinator, runId)).Checkpoints);
        Assert.Equal((true, before.Saved), (pinned.Pinned, pinned.Saved));
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5), pinned.Saved.ToDateTime());
    }

    [Fact]
    public async Task Delete_Pinned_IsRefusedUntilItIsUnpinned()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string folder = Save(coordinator, (1, 1), (1, 2))[0];
        await PinAsync(coordinator, runId, step: 1);
        await PinAsync(coordinator, runId, step: 1);
        Assert.Equal(StatusCode.FailedPrecondition, await RefusalAsync(() => DeleteAsync(coordinator, runId, step: 1)));
        Assert.Equal([false, true], (await ListAsync(coordinator, runId)).Checkpoints.Select(one => one.Pinned));
        await PinAsync(coordinator, runId, step: 1, undo: true);
        await DeleteAsync(coordinator, runId, step: 1);
        Assert.False(Directory.Exists(folder));
        Assert.Equal([2L], (await ListAsync(coordinator, runId)).Checkpoints.Select(one => one.Step));
    }

    [Fact]
    public async Task Delete_NewestWholeOfARunThatGoesOn_IsRefusedUntilItHasEnded()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string[] folders = Save(coordinator, (1, 1), (1, 2), (1, 3));
        Assert.Equal(StatusCode.FailedPrecondition, await RefusalAsync(() => DeleteAsync(coordinator, runId, step: 3)));
        await File.WriteAllTextAsync(Path.Combine(folders[2], "weights"), "damaged", TestContext.Current.CancellationToken);
        Assert.Equal(StatusCode.FailedPrecondition, await RefusalAsync(() => DeleteAsync(coordinator, runId, step: 2)));
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await coordinator.UntilAsync(runId, RunState.Cancelled);
        await DeleteAsync(coordinator, runId, step: 2);
        await DeleteAsync(coordinator, runId, step: 3);
        Assert.True(Directory.Exists(folders[0]));
    }

    [Fact]
    public async Task Delete_SameStepOfTwoAttempts_IsOfTheLastOneUnlessNamed()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string[] folders = Save(coordinator, (1, 3), (2, 3), (2, 4));
        var info = new RunDirectory(coordinator.Spec().RunDirectory).Info;
        (RunInfo.Load(info) with { Attempts = [new(1, 0, 0), new(2, 1, 2)] }).Save(info);
        await DeleteAsync(coordinator, runId, step: 3);
        Assert.Equal([true, false], folders.Take(2).Select(Directory.Exists));
        await DeleteAsync(coordinator, runId, step: 3, attempt: 1); // abandoned: the run does not need it
        Assert.False(Directory.Exists(folders[0]));
    }

    [Fact]
    public async Task Pin_UnknownCheckpointOrRun_IsNotFound()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        Save(coordinator, (1, 1));
        Assert.Equal(StatusCode.NotFound, await RefusalAsync(() => PinAsync(coordinator, runId, step: 2)));
        Assert.Equal(StatusCode.NotFound, await RefusalAsync(() => PinAsync(coordinator, runId, step: 1, attempt: 2)));
        Assert.Equal(StatusCode.NotFound, await RefusalAsync(() => PinAsync(coordinator, "demo-9", step: 1)));
    }

    [Fact]
    public async Task List_RunDirectoryGone_SaysSo()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        Directory.Delete(coordinator.Spec().RunDirectory, recursive: true);
        Assert.Equal(StatusCode.FailedPrecondition, await RefusalAsync(() => ListAsync(coordinator, runId)));
    }

    private static string[] Save(TestCoordinator coordinator, params (int Attempt, long Step)[] checkpoints) =>
        [.. checkpoints.Select(one => StoredCheckpoints.Save(coordinator.Spec().RunDirectory, one.Attempt, one.Step))];

    private static async Task<ListCheckpointsResponse> ListAsync(
        TestCoordinator coordinator, string runId, int size = 0, string token = "") =>
        await Of(coordinator).ListCheckpointsAsync(new ListCheckpointsRequest { RunId = runId, PageSize = size, PageToken = token });

    private static async Task PinAsync(TestCoordinator coordinator, string runId, long step, int attempt = 0, bool undo = false) =>
        await Of(coordinator).PinCheckpointAsync(
            new PinCheckpointRequest { RunId = runId, Step = step, Attempt = attempt, Undo = undo });

    private static async Task DeleteAsync(TestCoordinator coordinator, string runId, long step, int attempt = 0) =>
        await Of(coordinator).DeleteCheckpointAsync(new DeleteCheckpointRequest { RunId = runId, Step = step, Attempt = attempt });

    private static CheckpointService.CheckpointServiceClient Of(TestCoordinator coordinator) => new(coordinator.Channel);

    private static async Task<StatusCode> RefusalAsync(Func<Task> call) => (await Assert.ThrowsAsync<RpcException>(call)).StatusCode;
}
