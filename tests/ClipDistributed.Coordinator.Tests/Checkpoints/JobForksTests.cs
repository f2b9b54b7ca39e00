using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Checkpoints;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Data.Checkpoints;
using Google.Rpc;
using Grpc.Core;
using StatusCode = Grpc.Core.StatusCode;

namespace ClipDistributed.Coordinator.Tests.Checkpoints;

public class JobForksTests
{
    [Fact]
    public async Task SubmitJob_FromACheckpoint_HasTheOtherRunsSpecWithTheChanges()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var directory = new RunDirectory(coordinator.Spec().RunDirectory);
        string folder = Save(coordinator, step: 2);
        Save(coordinator, step: 3);
        var changes = new TrainingSpec
        {
            RunDirectory = coordinator.Spec(run: "fork").RunDirectory, Optimizer = new OptimizerSpec { Lr = 0.5 }, Samples = 80,
        };
        var fork = await coordinator.Control.SubmitJobAsync(
            new SubmitJobRequest { Spec = changes, From = new ForkSource { RunId = runId, Step = 2 } });
        Assert.Equal(("demo-b", "demo-2"), (fork.JobId, fork.RunId));
        var spec = (await coordinator.Control.GetJobAsync(new GetJobRequest { JobId = fork.JobId })).Job.Spec;
        Assert.Equal((folder, 0.5, 80ul, "demo"), (spec.Model.InitFrom, spec.Optimizer.Lr, spec.Samples, spec.Name));
        Assert.Equal(coordinator.Spec().Data.Train[0].Path, Assert.Single(spec.Data.Train).Path);
        Assert.Equal([2L], new DiskCheckpoints(directory).List().Where(one => one.IsPinned).Select(one => one.Step));
    }

    [Fact]
    public async Task SubmitJob_FromWhatCannotBeUsed_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string fork = coordinator.Spec(run: "fork").RunDirectory;
        Assert.Equal(StatusCode.NotFound, (await RefusalAsync(new ForkSource { RunId = runId })).StatusCode);
        await File.WriteAllTextAsync(Path.Combine(Save(coordinator, step: 2), "weights"), "x", TestContext.Current.CancellationToken);
        Assert.Equal(StatusCode.FailedPrecondition, (await RefusalAsync(new ForkSource { RunId = runId })).StatusCode);
        Assert.Equal(StatusCode.NotFound, (await RefusalAsync(new ForkSource { RunId = runId, Step = 3 })).StatusCode);
        Assert.Equal(StatusCode.NotFound, (await RefusalAsync(new ForkSource { RunId = "demo-9" })).StatusCode);
        fork = "";
        var missing = await RefusalAsync(new ForkSource { RunId = runId });
        Assert.Equal(StatusCode.InvalidArgument, missing.StatusCode);
        Assert.Equal(
            "spec.run_directory", Assert.Single(missing.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations).Field);

        Task<RpcException> RefusalAsync(ForkSource from) => Assert.ThrowsAsync<RpcException>(async () =>
            await coordinator.Control.SubmitJobAsync(
                new SubmitJobRequest { Spec = new TrainingSpec { RunDirectory = fork }, From = from }));
    }

    [Fact]
    public async Task SubmitJob_ForkIsRefused_PinsOnlyWhatWasPinnedBefore()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        Save(coordinator, step: 2);
        Save(coordinator, step: 3);
        var checkpoints = new CheckpointService.CheckpointServiceClient(coordinator.Channel);
        await checkpoints.PinCheckpointAsync(new PinCheckpointRequest { RunId = runId, Step = 2 });
        foreach (long step in (long[])[2, 3])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Control.SubmitJobAsync(new SubmitJobRequest
            {
                Spec = new TrainingSpec { RunDirectory = coordinator.Spec().RunDirectory }, // in use
                From = new ForkSource { RunId = runId, Step = step },
            }));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        }
        var listed = await checkpoints.ListCheckpointsAsync(new ListCheckpointsRequest { RunId = runId });
        Assert.Equal([(3L, false), (2L, true)], listed.Checkpoints.Select(one => (one.Step, one.Pinned)));
    }

    /// <summary>Two jobs begin with one checkpoint, and either may be refused first.</summary>
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    public async Task Settle_TwoForksOfACheckpoint_UnpinsWhereNeitherHasARun(bool first, bool second, bool expected)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var coordinator = await TestCoordinator.StartAsync();
        var pins = coordinator.Service<ForkPins>();
        var pin = new ForkPin(await coordinator.SubmitAsync(coordinator.Spec()), Attempt: 1, Step: 2);
        Save(coordinator, step: 2);
        await pins.PinAsync(pin, wasPinned: false, cancel);
        await pins.PinAsync(pin, wasPinned: true, cancel);
        Assert.True(IsPinned());
        await pins.SettleAsync(pin, first);
        Assert.True(IsPinned());
        await pins.SettleAsync(pin, second);
        Assert.Equal(expected, IsPinned());

        bool IsPinned() => Assert.Single(new DiskCheckpoints(new RunDirectory(coordinator.Spec().RunDirectory)).List()).IsPinned;
    }

    [Theory]
    [InlineData("DELETE FROM jobs")]
    [InlineData("UPDATE jobs SET Spec = X'FF'")]
    public async Task SubmitJob_FromARunWhoseJobIsLost_IsRefusedAndPinsNothing(string statement)
    {
        var before = await TestCoordinator.StartAsync();
        string runId = await before.SubmitAsync(before.Spec());
        Save(before, step: 2);
        await using var coordinator = await before.RestartAsync(state => StateDatabase.Change(state, statement));
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Control.SubmitJobAsync(new SubmitJobRequest
        {
            Spec = new TrainingSpec { RunDirectory = coordinator.Spec(run: "fork").RunDirectory }, From = new ForkSource { RunId = runId },
        }));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.StartsWith($"the job demo of run {runId} is missing or damaged", refused.Status.Detail, StringComparison.Ordinal);
        var listed = await new CheckpointService.CheckpointServiceClient(coordinator.Channel)
            .ListCheckpointsAsync(new ListCheckpointsRequest { RunId = runId });
        Assert.False(Assert.Single(listed.Checkpoints).Pinned);
    }

    [Fact]
    public void Apply_Lists_AreReplacedWhereTheyAreGiven()
    {
        var target = new TrainingSpec
        {
            Name = "demo",
            Data = new DataSpec { Train = { new SourceSpec { Path = "/a" } }, Validation = { new SourceSpec { Path = "/v" } } },
        };
        SpecOverlay.Apply(new TrainingSpec { Data = new DataSpec { Train = { new SourceSpec { Path = "/b" } } } }, target);
        Assert.Equal("demo", target.Name);
        Assert.Equal(("/b", "/v"), (Assert.Single(target.Data.Train).Path, Assert.Single(target.Data.Validation).Path));
    }

    /// <summary>A model folder without weights: what is read before a replica starts.</summary>
    private static string Save(TestCoordinator coordinator, long step)
    {
        var directory = new RunDirectory(coordinator.Spec().RunDirectory);
        return StoredCheckpoints.Save(directory.Root, attempt: 1, step, directory.Model, directory.Tokenizer);
    }
}
