using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using static ClipDistributed.Coordinator.Tests.Scripted.ScriptedGroup;

namespace ClipDistributed.Coordinator.Tests.Hosts;

/// <summary>GPUs as their hosts describe them, and those that cannot be used.</summary>
public class FaultyDeviceTests
{
    [Fact]
    public async Task Heartbeat_FaultyGpu_GetsNoReplicaUntilThatEnds()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 0, gpus: 1);
        await host.HeartbeatAsync(State(0, fault: "it is lost"));
        await coordinator.Log.UntilAsync("DeviceFaulty", ("HostId", "a"), ("Device", "cuda:0"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var waiting = await coordinator.UntilAsync(runId, run => run.State == RunState.Pending && run.Reason != "");
        Assert.Equal("needs at least 1 device; no worker host offers one; host a has a faulty cuda:0 (it is lost)", waiting.Reason);

        await host.HeartbeatAsync(State(0));

        Assert.Equal(DeviceKind.Cuda, (await host.LaunchAsync()).DeviceKind);
        await coordinator.Log.UntilAsync("DeviceUsable", ("HostId", "a"), ("Device", "cuda:0"));
    }

    [Fact]
    public async Task ListHosts_GpusWithAndWithoutState_AreShownAsTheyAre()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 1, gpus: 2);
        var state = State(1, fault: "it is lost");
        (state.FreeMemoryBytes, state.TemperatureCelsius) = (5, 54);
        await host.HeartbeatAsync(state);
        await coordinator.Log.UntilAsync("DeviceFaulty");

        var shown = Assert.Single((await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts).Devices;

        HostDevice[] expected =
        [
            new() { Device = "cpu:0", Name = "a processor" },
            new() { Device = "cuda:0", Name = "a GPU", Uuid = "GPU-0", MemoryBytes = 24L << 30 },
            new()
            {
                Device = "cuda:1", Name = "a GPU", Uuid = "GPU-1", MemoryBytes = 24L << 30, FreeMemoryBytes = 5, TemperatureCelsius = 54,
                Fault = "it is lost",
            },
        ];
        Assert.Equal(expected, shown);
    }

    [Fact]
    public void SetFaults_OneOfTwo_IsLeftOutOfClaimsUntilItsHostIsGone()
    {
        var (good, bad) = (new DeviceId("a", DeviceKind.Cuda, 0), new DeviceId("a", DeviceKind.Cuda, 1));
        var pool = new DevicePool(new CoordinatorOptions(), TimeProvider.System);
        pool.Join("a", [(good, ""), (bad, "")]);
        var faults = new Dictionary<DeviceId, string> { [bad] = "it is lost" };
        Assert.Equal([(bad, true)], pool.SetFaults("a", faults));
        Assert.Empty(pool.SetFaults("a", faults)); // as each heartbeat says it
        Assert.Empty(pool.SetFaults("b", new Dictionary<DeviceId, string>()));
        Assert.Equal([null, "has a faulty cuda:1 (it is lost)"], pool.Snapshot().Select(device => device.Closed));
        Assert.Equal([good], pool.ClaimMore(new RunNeed("demo-1", 1, 2), DeviceKind.Cuda, 2));

        pool.Leave("a");
        pool.Join("a", [(bad, "")]);
        Assert.Equal([bad], pool.ClaimMore(new RunNeed("demo-1", 1, 2), DeviceKind.Cuda, 2));
    }

    /// <summary>Its connection is broken, or a coordinator has just taken over: a replica reports before its host is back.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReportFault_HostIsNotConnected_HoldsUntilAnotherProcessConnects(bool wasConnected)
    {
        var gpu = new DeviceId("a", DeviceKind.Cuda, 0);
        var pool = new DevicePool(new CoordinatorOptions(), TimeProvider.System);
        if (wasConnected)
        {
            pool.Join("a", [(gpu, "")], "01");
            pool.Leave("a");
        }
        pool.ReportFault(gpu, "it is lost");
        for (int i = 0; i < 2; i++)
        {
            pool.Join("a", [(gpu, "")], "01");
            Assert.Equal("it is lost", pool.ReportedFault(gpu));
            pool.Leave("a");
        }
        pool.Join("a", [(gpu, "")], "02");
        Assert.Null(pool.ReportedFault(gpu));
    }

    /// <summary>A device that failed, or had too little memory: it is not its host that loses replicas.</summary>
    [Theory]
    [InlineData(FailureKind.Faulty, "DeviceFaulty", "it is lost")]
    [InlineData(FailureKind.BadInput, "DeviceQuarantined", "")]
    public async Task Failure_OfTheDevice_ClosesItAloneUntilAUserClearsThat(FailureKind kind, string closed, string shown)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { QuarantineAfter = 1 });
        var host = await coordinator.HostAsync("a", cpus: 0, gpus: 2);
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var (survivor, failing) = (await host.StartReplicaAsync(), await host.StartReplicaAsync());
        await GenerationAsync(1, survivor, failing);
        await survivor.AttemptAsync(1);
        await survivor.RecordAsync(1, loss: 1, seconds: 0.25);
        await survivor.AppliedAsync(3);
        await coordinator.UntilRecordsAsync(runId, 2);
        await failing.FailAsync(new Failure { Generation = 1, Kind = kind, Errors = { "it is lost" }, AppliedStep = 3, OfDevice = true });
        await survivor.FailAsync(FailureKind.Collective, Closed, applied: 3);
        Assert.Equal(failing.Id, await host.KillAsync());
        await GenerationAsync(2, survivor);
        await failing.DieAsync();
        await coordinator.Log.UntilAsync(closed, ("HostId", "a"), ("Device", "cuda:1"));

        string other = await coordinator.SubmitAsync(coordinator.Spec("other"));
        var waiting = await coordinator.UntilAsync(other, run => run.State == RunState.Pending && run.Reason != "");
        Assert.Equal($"needs at least 1 free device; the only one is used by {runId}", waiting.Reason);
        var listed = Assert.Single((await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts);
        Assert.Equal(("", shown), (listed.Quarantine, listed.Devices[1].Fault));

        await coordinator.Control.DrainHostAsync(new DrainHostRequest { Name = "a", Undo = true });
        Assert.Equal(1, (await host.LaunchAsync()).DeviceIndex);
    }

    private static DeviceState State(int index, string fault = "") => new() { Kind = DeviceKind.Cuda, Index = index, Fault = fault };
}
