using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A coordinator's life, from a start with what the store holds to its end.</summary>
internal sealed class SimulatedCoordinator : IDisposable
{
    private readonly CancellationTokenSource over = new();

    public SimulatedCoordinator(CoordinatorOptions options, IRunStore store, StoppableTime time, IAttemptList attempts)
    {
        (Store, Time) = (store, time);
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        Pool = new DevicePool(options, time);
        var effects = new HostEffects(Pool, Table, new ReplicaOutput(time), Store, time, NullLogger<HostRegistry>.Instance);
        Hosts = new HostRegistry(effects, new LostHosts(Table, options, time), Store, options, lifetime, time);
        Services = new RunServices(
            Pool, Hosts, Table, new Rendezvous(options, time), attempts, options, time, NullLogger<RunLoop>.Instance);
    }

    public long Term => Store.Term;

    public IRunStore Store { get; }

    public StoppableTime Time { get; }

    public DevicePool Pool { get; }

    public ReplicaTable Table { get; } = new();

    public HostRegistry Hosts { get; }

    public RunServices Services { get; }

    /// <summary>Cancelled when its process ends.</summary>
    public CancellationToken Over => over.Token;

    /// <summary>Lets something happen in its process: now, or when that goes on, or never.</summary>
    public void Run(Action happens) => Time.Run(() =>
    {
        if (!over.IsCancellationRequested)
            happens();
    });

    public void End() => over.Cancel();

    public void Dispose() => over.Dispose();
}
