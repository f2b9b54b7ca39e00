using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Runs;

public sealed class RunCommandsTests
{
    [Fact]
    public async Task Resume_RunThatHasEnded_SaysHowToGoOn()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await coordinator.UntilAsync(runId, RunState.Cancelled);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId }));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal(
            $"run {runId} has ended: cancelled; clipd submit SPEC --resume goes on from its newest checkpoint as a new run; "
                + $"clipd submit --from {runId} --set run_directory=DIR begins one with its weights",
            refused.Status.Detail);
    }
}
