using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Replica.V1;
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

    [Fact]
    public async Task Resume_BeforeItWasSaved_StillCountsForItsOwner()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { QuotaDevices = 1 });
        var host = await coordinator.HostAsync("a", cpus: 2);
        string runId = await SubmitAsync(coordinator, "one", "ann");
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        Assert.Equal(CommandKind.Stop, (await replica.CommandAsync()).Kind);
        await coordinator.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId });
        string waits = await SubmitAsync(coordinator, "two", "ann");
        await coordinator.UntilAsync(waits, run => run.Reason == "needs at least 1 device; its owner ann may use 0 more now");
    }

    private static async Task<string> SubmitAsync(TestCoordinator coordinator, string name, string owner)
    {
        using var channel = coordinator.Open(await coordinator.TokenAsync(Role.Operator, owner));
        var control = new ControlService.ControlServiceClient(channel);
        return (await control.SubmitJobAsync(new SubmitJobRequest { Spec = coordinator.Spec(name: name) })).RunId;
    }
}
