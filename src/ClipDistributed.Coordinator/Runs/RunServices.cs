using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Settings;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The services that all runs share.</summary>
internal sealed record RunServices(
    DevicePool Pool,
    HostRegistry Hosts,
    ReplicaTable Replicas,
    Rendezvous Rendezvous,
    IAttemptList Attempts,
    CoordinatorOptions Options,
    TimeProvider Time,
    ILogger<RunLoop> LoopLogger);
