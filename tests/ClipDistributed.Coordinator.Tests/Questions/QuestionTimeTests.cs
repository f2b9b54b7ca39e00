using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Questions;

public sealed class QuestionTimeTests
{
    [Fact]
    public async Task Ask_HostSaysNothing_EndsByItself()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with
        {
            Limits = new CoordinatorLimits { QuestionTime = TimeSpan.FromSeconds(1), QuestionMargin = TimeSpan.Zero },
        });
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        StoredCheckpoints.Save(coordinator.Spec().RunDirectory, 1, 2);
        await coordinator.HostAsync("a", cpus: 2);
        var late = await Assert.ThrowsAsync<RpcException>(() => new ModelService.ModelServiceClient(coordinator.Channel).TryModelAsync(
            new TryModelRequest { RunId = runId, Captions = { "a" } }).ResponseAsync.WaitAsync(TestCoordinator.Patience));
        Assert.Equal((StatusCode.DeadlineExceeded, "host a has not answered for 1 s; ask again"), (late.StatusCode, late.Status.Detail));
    }
}
