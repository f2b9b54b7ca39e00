using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>A coordinator's life, from a start with what the store holds to a crash.</summary>
internal sealed class SimulatedCoordinator : IDisposable
{
    private readonly CancellationTokenSource over = new();
    private readonly RunStore store;

    public SimulatedCoordinator(CoordinatorOptions options, StoreFaults faults, StoppableTime time)
    {
        store = RunStore.Open(options, faults);
        Time = time;
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        Pool = new DevicePool(options, time);
        Hosts = new HostRegistry(Pool, Table, store, options, lifetime, time, NullLogger<HostRegistry>.Instance);
        Around = new RunSurroundings(Pool, Hosts, Table, new Rendezvous(options, time), options, time, NullLogger<RunLoop>.Instance);
    }

    public long Term => store.Term;

    public RunStore Store => store;

    public StoppableTime Time { get; }

    public DevicePool Pool { get; }

    public ReplicaTable Table { get; } = new();

    public HostRegistry Hosts { get; }

    public RunSurroundings Around { get; }

    /// <summary>Of its loops.</summary>
    public CancellationToken Over => over.Token;

    public void Crash() => over.Cancel();

    public void Dispose()
    {
        store.Dispose();
        over.Dispose();
    }
}
