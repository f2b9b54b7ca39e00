using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Rpc;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class RepeatableSubmissionTests
{
    [Fact]
    public async Task SubmitJob_SameIdTwice_IsTheSameRunAlsoAfterARestart()
    {
        var first = await TestCoordinator.StartAsync();
        var spec = first.Spec();
        spec.Optimizer = new OptimizerSpec { WarmupSteps = 7 }; // for a notice
        var begun = await SubmitAsync(first, "one", spec);
        Assert.Equal(("demo", "demo-1"), (begun.JobId, begun.RunId));
        Assert.NotEmpty(begun.Notices);
        Assert.Equal(begun, await SubmitAsync(first, "one", spec));

        await using var second = await first.RestartAsync();
        Assert.Equal(begun, await SubmitAsync(second, "one", spec));
        Assert.Single((await second.Control.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    [Fact]
    public async Task SubmitJob_SameIdAtTheSameTime_IsOneRun()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SubmitAsync(coordinator, "one", coordinator.Spec())));
        Assert.All(answers, answer => Assert.Equal("demo-1", answer.RunId));
    }

    [Fact]
    public async Task SubmitJob_AnotherJobUnderTheId_AlreadyExists()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await SubmitAsync(coordinator, "one", coordinator.Spec());
        var others = new SubmitJobRequest[]
        {
            new() { Spec = coordinator.Spec(steps: 6), RequestId = "one" },
            new() { Spec = coordinator.Spec(), RequestId = "one", Resume = true },
        };
        foreach (var other in others)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Control.SubmitJobAsync(other));
            Assert.Equal(StatusCode.AlreadyExists, refused.StatusCode);
        }
    }

    [Fact]
    public async Task SubmitJob_RefusedUnderAnId_TheIdIsFree()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await Assert.ThrowsAsync<RpcException>(() => SubmitAsync(coordinator, "one", coordinator.Spec(name: "Demo!")));
        Assert.Equal("demo-1", (await SubmitAsync(coordinator, "one", coordinator.Spec())).RunId);
    }

    [Fact]
    public async Task SubmitJob_MoreIdsThanAreKept_ForgetsTheOldest()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with { Limits = new CoordinatorLimits { RequestIds = 2 } });
        foreach (string id in (string[])["one", "two", "three"])
            await SubmitAsync(coordinator, id, coordinator.Spec(run: id));
        Assert.Equal("demo-3", (await SubmitAsync(coordinator, "three", coordinator.Spec(run: "three"))).RunId);
        var forgotten = await Assert.ThrowsAsync<RpcException>(() => SubmitAsync(coordinator, "one", coordinator.Spec(run: "one")));
        Assert.Contains("is in use by the run demo-1", forgotten.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("line\nbreak")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x")]
    public async Task SubmitJob_BadId_IsRefusedByItsField(string id)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() => SubmitAsync(coordinator, id, coordinator.Spec()));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal("request_id", Assert.Single(refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations).Field);
    }

    private static async Task<SubmitJobResponse> SubmitAsync(TestCoordinator coordinator, string id, TrainingSpec spec) =>
        await coordinator.Control.SubmitJobAsync(new SubmitJobRequest { Spec = spec, RequestId = id });
}
