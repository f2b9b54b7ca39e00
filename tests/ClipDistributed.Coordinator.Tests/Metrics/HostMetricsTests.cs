using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Metrics;

public sealed class HostMetricsTests : IAsyncLifetime
{
    private TestCoordinator coordinator = null!;

    public async ValueTask InitializeAsync() =>
        coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });

    public ValueTask DisposeAsync() => coordinator.DisposeAsync();

    [Fact]
    public async Task Scrape_Hosts_AreCountedByStateWithTheirDevicesAndMemory()
    {
        await coordinator.HostAsync("a", cpus: 2, gpus: 1);
        await coordinator.HostAsync("b");
        await coordinator.Control.DrainHostAsync(new DrainHostRequest { Name = "b" });
        await using (await ScriptedHost.ConnectAsync(coordinator.Channel, "c"))
            await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2));
        var seen = await UntilAsync("clipd_hosts{state=\"lost\"}", 1);

        Assert.Equal((1, 1, 0), (
            seen["clipd_hosts{state=\"ready\"}"], seen["clipd_hosts{state=\"drained\"}"], seen["clipd_hosts{state=\"quarantined\"}"]));
        Assert.Equal(1L << 30, seen["clipd_host_memory_bytes{host=\"a\"}"]);
        Assert.Equal(1, seen["clipd_devices{kind=\"cuda\",state=\"free\"}"]);
        Assert.Equal(1, seen["clipd_devices{kind=\"cpu\",state=\"closed\"}"]);
        Assert.Equal(2, seen["clipd_devices{kind=\"cpu\",state=\"used\"}"]);
    }

    [Fact]
    public async Task Scrape_DevicesThatAreDescribed_HaveTheirUse()
    {
        var host = await coordinator.HostAsync("a", cpus: 1, gpus: 1);
        await host.HeartbeatAsync(
            new DeviceState { Kind = DeviceKind.Cuda, Index = 0, Utilisation = 0.75, FreeMemoryBytes = 5L << 30 },
            new DeviceState { Kind = DeviceKind.Cpu, Index = 0 }); // not known
        var seen = await UntilAsync("clipd_device_utilisation{device=\"cuda:0\",host=\"a\"}", 0.75);

        Assert.Equal(5L << 30, seen["clipd_device_free_memory_bytes{device=\"cuda:0\",host=\"a\"}"]);
        Assert.DoesNotContain("clipd_device_utilisation{device=\"cpu:0\",host=\"a\"}", seen.Keys);
    }

    [Fact]
    public async Task Scrape_RunOnKnownGpus_HasItsShareOfTheirPeakAndItsWaits()
    {
        var host = await coordinator.HostAsync("a", new ScriptedOffer { Cpus = 0, Gpus = 2, GpuName = "NVIDIA H100 80GB HBM3" });
        await SubmitAsync(host, replicas: 2);
        await UntilAsync("clipd_model_flops_per_second{run_id=\"demo-1\"}", 989.4e12);
        var seen = await UntilAsync("clipd_wait_seconds_total{rank=\"1\",run_id=\"demo-1\"}", 1.5);

        Assert.Equal(0.5, seen["clipd_mfu_ratio{run_id=\"demo-1\"}"], 1e-9);
        Assert.Equal(0.25, seen["clipd_wait_seconds_total{rank=\"0\",run_id=\"demo-1\"}"]);
    }

    [Fact]
    public async Task Scrape_RunOnProcessors_HasNoPeak()
    {
        await SubmitAsync(await coordinator.HostAsync("a", cpus: 2), replicas: 2);
        var seen = await UntilAsync("clipd_model_flops_per_second{run_id=\"demo-1\"}", 989.4e12);
        Assert.DoesNotContain("clipd_mfu_ratio{run_id=\"demo-1\"}", seen.Keys);
    }

    private async Task SubmitAsync(ScriptedHost host, int replicas)
    {
        await coordinator.SubmitAsync(coordinator.Spec(min: (uint)replicas, max: (uint)replicas));
        var members = new List<ScriptedReplica>();
        for (int i = 0; i < replicas; i++)
            members.Add(await host.StartReplicaAsync());
        foreach (var member in members)
            await member.GenerationAsync();
        var (first, second) = (members.Single(one => one.Generation.Rank == 0), members.Single(one => one.Generation.Rank == 1));
        await first.AttemptAsync(1);
        await first.RecordAsync(1, seconds: 0.5, flops: 989.4e12 / 2);
        await second.AppliedAsync(1, wait: 1.5);
        await first.AppliedAsync(1, wait: 0.25);
    }

    /// <summary>Scrapes until a series has a value.</summary>
    /// <returns>All series, by name and labels in the order of their names.</returns>
    private async Task<IReadOnlyDictionary<string, double>> UntilAsync(string series, double value)
    {
        using var client = coordinator.Http();
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        while (true)
        {
            var seen = Scrapes.Parse(await client.GetStringAsync("/metrics", late.Token));
            if (seen.GetValueOrDefault(series, double.NaN) == value)
                return seen;
            await Task.Delay(TimeSpan.FromMilliseconds(20), late.Token); // what is served has no event
        }
    }
}
