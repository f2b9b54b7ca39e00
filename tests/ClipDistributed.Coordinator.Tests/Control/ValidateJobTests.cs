using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

/// <summary><c>SubmitJob</c> with <c>validate_only</c>.</summary>
public class ValidateJobTests
{
    [Fact]
    public async Task SubmitJob_ValidateOnly_SaysWhatItFoundAndLeavesNothing()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec(min: 2, max: 3);
        spec.Optimizer = new OptimizerSpec { WarmupSteps = 7 };
        var answer = await ValidateAsync(coordinator, spec);
        Assert.Equal(("", ""), (answer.JobId, answer.RunId));
        Assert.Contains(answer.Notices, notice => notice.StartsWith("optimizer.warmup_steps is 7", StringComparison.Ordinal));
        var found = answer.Validation;
        Assert.Equal((40L, 5L, false), (found.Rows, found.Steps, found.Starts));
        Assert.InRange(found.ReadBytes, 1, (long)found.Spec.Limits.ReadAheadBytes);
        Assert.True(found.Spec.Optimizer.HasLr);
        Assert.StartsWith("needs at least 2 devices; no worker host is connected", found.Placement, StringComparison.Ordinal);
        Assert.False(Directory.Exists(spec.RunDirectory));
        Assert.Empty((await coordinator.Control.ListJobsAsync(new ListJobsRequest())).Jobs);

        await coordinator.HostAsync("a", cpus: 2);
        await coordinator.HostAsync("b", cpus: 2);
        found = (await ValidateAsync(coordinator, spec)).Validation;
        Assert.Equal((true, "3 devices of kind cpu, of hosts a, b"), (found.Starts, found.Placement));
        Assert.Equal("demo-1", await coordinator.SubmitAsync(spec));
    }

    [Fact]
    public async Task SubmitJob_ValidateOnlyWhileAnotherWaits_IsQueuedAfterIt()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.HostAsync("a", cpus: 2);
        string first = await coordinator.SubmitAsync(coordinator.Spec(name: "first", min: 2, max: 2));
        await coordinator.UntilAsync(first, RunState.Starting);
        var found = (await ValidateAsync(coordinator, coordinator.Spec())).Validation;
        Assert.False(found.Starts);
        Assert.EndsWith($"used by {first}", found.Placement, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<TrainingSpec>> Refusals => new()
    {
        { "a name", spec => spec.Name = "Demo!" },
        { "a relative path", spec => spec.RunDirectory = "runs" },
        { "no data", spec => spec.Data.Train[0].Path = "/none/at/all" },
        { "more replicas than rows", spec => (spec.Replicas.Min, spec.Replicas.Max) = (9, 9) },
        { "a tokenizer that is missing", spec => spec.Model.Tokenizer = "/none/tokenizer.json" },
        { "the folder of its data", spec => spec.RunDirectory = spec.Data.Train[0].Path },
        { "a folder in that of its data", spec => spec.RunDirectory = $"{spec.Data.Train[0].Path}/runs/demo" },
        { "a directory that cannot be", spec => spec.RunDirectory = "/proc/none/demo" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task SubmitJob_ValidateOnly_RefusesAsASubmissionDoes(string what, Action<TrainingSpec> change)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec();
        change(spec);
        var validated = await Assert.ThrowsAsync<RpcException>(() => ValidateAsync(coordinator, spec));
        var submitted = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(spec));
        Assert.Equal((what, submitted.StatusCode, submitted.Status.Detail), (what, validated.StatusCode, validated.Status.Detail));
    }

    [Fact]
    public async Task SubmitJob_ValidateOnlyInADirectoryInUse_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var other = coordinator.Spec(name: "other", run: "demo");
        var refused = await Assert.ThrowsAsync<RpcException>(() => ValidateAsync(coordinator, other));
        Assert.Contains($"is in use by the run {runId}", refused.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task<SubmitJobResponse> ValidateAsync(TestCoordinator coordinator, TrainingSpec spec) =>
        await coordinator.Control.SubmitJobAsync(new SubmitJobRequest { Spec = spec, ValidateOnly = true });
}
