using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Runs;

public sealed class OwnerQuotaTests
{
    [Fact]
    public async Task Submit_OverTheQuotaOfItsOwner_WaitsAlsoAfterARestart()
    {
        var first = await TestCoordinator.StartAsync(options => options with { QuotaDevices = 1 });
        await first.HostAsync("a", cpus: 3);
        string running = await SubmitAsync(first, "one", "ann");
        await first.UntilAsync(running, RunState.Starting);
        string waits = await SubmitAsync(first, "two", "ann");
        const string reason = "needs at least 1 device; its owner ann may use 0 more now";
        await first.UntilAsync(waits, run => run.Reason == reason);
        await first.UntilAsync(await SubmitAsync(first, "three", "bob"), RunState.Starting);

        await using var second = await first.RestartAsync();
        await second.HostAsync("b", cpus: 1);
        await second.UntilAsync(waits, run => run.Reason == reason);
        await second.UntilAsync(await SubmitAsync(second, "four", "eve"), RunState.Starting);
    }

    private static async Task<string> SubmitAsync(TestCoordinator coordinator, string name, string owner)
    {
        using var channel = coordinator.Open(await coordinator.TokenAsync(Role.Operator, owner));
        var control = new ControlService.ControlServiceClient(channel);
        return (await control.SubmitJobAsync(new SubmitJobRequest { Spec = coordinator.Spec(name: name) })).RunId;
    }
}
