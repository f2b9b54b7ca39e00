using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Tests.Scripted;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static ClipDistributed.Coordinator.Tests.Scripted.ScriptedGroup;

namespace ClipDistributed.Coordinator.Tests.Hosts;

/// <summary>Devices that a former coordinator closed: the next one starts no replicas on them either.</summary>
public sealed class KnownFaultsTests
{
    private const string Fault = "CUDA error: unspecified launch failure";

    private static readonly string[] Stored =
        ["SELECT count(*) FROM device_faults", "SELECT count(*) FROM replicas WHERE DeviceCause <> ''"];

    [Theory]
    [InlineData(FailureKind.Faulty, Fault)]
    [InlineData(FailureKind.BadInput, "")] // too little memory: quarantined
    public async Task Restart_ADeviceWasClosed_StaysClosedUntilAUserClearsThat(FailureKind kind, string shown)
    {
        var before = await TestCoordinator.StartAsync(options => options with { QuarantineAfter = 1 });
        var (_, survivor) = await LoseSecondAsync(before, kind);

        var after = await before.RestartAsync(folder => Assert.Equal(1, Stored.Sum(query => Count(folder, query))));
        var host = await HostAsync(after, process: 1, survivor.Id);
        survivor = await survivor.ReconnectAsync(after.Channel, host, applied: 3);
        string other = await after.SubmitAsync(after.Spec("other"));
        var waiting = await after.UntilAsync(other, run => run.State == RunState.Pending && run.Reason != "");
        Assert.StartsWith("needs at least 1 free device; the only one is used by demo-1", waiting.Reason, StringComparison.Ordinal);
        Assert.Equal(shown, await FaultAsync(after));

        await after.Control.DrainHostAsync(new DrainHostRequest { Name = "a", Undo = true });
        Assert.Equal(1, (await host.LaunchAsync()).DeviceIndex);
        Assert.Equal("", await FaultAsync(after));

        await using var last = await after.RestartAsync(folder => Assert.All(Stored, query => Assert.Equal(0, Count(folder, query))));
        Assert.Equal("", await FaultAsync(last));
    }

    /// <summary>The machine, or its worker, was started anew: somebody saw to it.</summary>
    [Fact]
    public async Task Restart_AnotherProcessOfTheHostConnects_UsesTheDeviceAgain()
    {
        var before = await TestCoordinator.StartAsync();
        var (_, survivor) = await LoseSecondAsync(before, FailureKind.Faulty);
        await FinishAsync(steps: 5, survivor); // nothing of the former process is waited for
        await before.UntilAsync("demo-1", RunState.Succeeded);

        var after = await before.RestartAsync();
        Assert.Equal(Fault, await FaultAsync(after)); // of a host that is not there
        var host = await HostAsync(after, process: 2);
        Assert.Equal("", await FaultAsync(after));
        await after.SubmitAsync(after.Spec("other", min: 2, max: 2));
        int[] used = [(await host.LaunchAsync()).DeviceIndex, (await host.LaunchAsync()).DeviceIndex];
        Assert.Equal([0, 1], used.Order());

        await using var last = await after.RestartAsync(folder => Assert.Equal(0, Count(folder, Stored[0])));
    }

    /// <summary>Its network was cut for a moment: the device is what it was.</summary>
    [Fact]
    public async Task Reconnect_TheSameProcess_KeepsTheFault()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (former, survivor) = await LoseSecondAsync(coordinator, FailureKind.Faulty);
        await former.DisposeAsync();
        await coordinator.Log.UntilAsync("HostLeft", ("HostId", "a"));
        await HostAsync(coordinator, process: 1, survivor.Id);
        Assert.Equal(Fault, await FaultAsync(coordinator));
    }

    [Fact]
    public async Task Stop_ASaveIsBeingRetried_SavesAtTheEnd()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        using var store = RunStore.Open(options);
        using var log = new RecordedLog();
        using var logging = new LoggerFactory([log]);
        var (time, pool) = (new FakeTimeProvider(), new DevicePool(options, TimeProvider.System)); // nothing is retried by itself
        using var faults = new KnownFaults(pool, store, null!, time, logging.CreateLogger<KnownFaults>());
        await faults.StartAsync(cancel);
        await using (var other = new SqliteConnection($"Data Source={folder.File("coordinator.db")};Pooling=False"))
        {
            await other.OpenAsync(cancel);
            await using var locked = other.BeginTransaction();
            pool.ReportFault(new DeviceId("a", DeviceKind.Cuda, 1), Fault);
            await log.UntilAsync("StoreUnavailable");
        }
        await faults.StopAsync(cancel);
        Assert.Equal(Fault, Assert.Single(await new DeviceFaultStore(store).AllAsync()).Fault);
    }

    /// <summary>A run of two on one host, whose second replica reports that its device fails.</summary>
    /// <returns>The host, and the other one.</returns>
    private static async Task<(ScriptedHost Host, ScriptedReplica Survivor)> LoseSecondAsync(TestCoordinator coordinator, FailureKind kind)
    {
        var host = await HostAsync(coordinator, process: 1);
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var (survivor, failing) = (await host.StartReplicaAsync(), await host.StartReplicaAsync());
        await GenerationAsync(1, survivor, failing);
        await survivor.AttemptAsync(1);
        await survivor.RecordAsync(1, loss: 1, seconds: 0.25);
        await survivor.AppliedAsync(3);
        await coordinator.UntilRecordsAsync(runId, 2);
        await failing.FailAsync(new Failure { Generation = 1, Kind = kind, Errors = { Fault }, AppliedStep = 3, OfDevice = true });
        await survivor.FailAsync(FailureKind.Collective, Closed, applied: 3);
        Assert.Equal(failing.Id, await host.KillAsync());
        await GenerationAsync(2, survivor);
        await failing.DieAsync();
        await coordinator.Log.UntilAsync(kind == FailureKind.Faulty ? "DeviceFaulty" : "DeviceQuarantined", ("Device", "cuda:1"));
        return (host, survivor);
    }

    private static Task<ScriptedHost> HostAsync(TestCoordinator coordinator, byte process, params string[] replicaIds) =>
        coordinator.HostAsync("a", new ScriptedOffer { Cpus = 0, Gpus = 2, Process = process, ReplicaIds = replicaIds });

    private static async Task<string> FaultAsync(TestCoordinator coordinator) =>
        Assert.Single((await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts).Devices[1].Fault;

    private static long Count(string folder, string query)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(folder, "coordinator.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }
}
