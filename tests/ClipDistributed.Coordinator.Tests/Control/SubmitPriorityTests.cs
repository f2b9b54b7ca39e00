using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

public sealed class SubmitPriorityTests
{
    /// <summary>An operator does not come before all others for as long as it likes; an admin may let a run do so.</summary>
    [Fact]
    public async Task SubmitJob_PriorityAboveTheCeiling_IsForAdminsAlone()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { MaxPriority = 60 });
        using var channel = coordinator.Open(await coordinator.TokenAsync(Role.Operator));
        var ann = new ControlService.ControlServiceClient(channel);
        foreach (bool validates in (bool[])[true, false])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => ann.SubmitJobAsync(
                new SubmitJobRequest { Spec = Of(priority: 61), ValidateOnly = validates }).ResponseAsync);
            Assert.Equal(
                (StatusCode.InvalidArgument, "spec.replicas.priority"),
                (refused.StatusCode, refused.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>()!.FieldViolations.Single().Field));
        }
        string first = (await ann.SubmitJobAsync(new SubmitJobRequest { Spec = Of(priority: 60) })).RunId;
        await Assert.ThrowsAsync<RpcException>(() => ann.SubmitJobAsync(new SubmitJobRequest { Spec = Of(1u << 31) }).ResponseAsync);
        var spec = Of(priority: 100);
        spec.RunDirectory += "-2";
        Assert.NotEqual(first, await coordinator.SubmitAsync(spec));

        TrainingSpec Of(uint priority)
        {
            var spec = coordinator.Spec();
            spec.Replicas.Priority = priority;
            return spec;
        }
    }
}
