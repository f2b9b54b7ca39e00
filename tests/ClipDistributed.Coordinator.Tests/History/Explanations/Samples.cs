using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.History.Explanations;
using ClipDistributed.Coordinator.Hosts;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Tests.History.Explanations;

/// <summary>What is known of a run demo-4.</summary>
internal static class Samples
{
    public static RunFindings Found(RunState state, RunNeed? need) => new(
        new Run { RunId = "demo-4", State = state, Steps = 10, RunDirectory = "/runs/demo" },
        need, TimeSpan.FromMinutes(30), [], [], [], null, []);

    public static RunReplica Member(string replicaId, int rank) => new() { ReplicaId = replicaId, Rank = rank, Host = "b" };

    public static OfferedDevice Device(string host, int index, string? runId = null, string? replicaId = null) =>
        new(new DeviceId(host, DeviceKind.Cpu, index), "a processor", runId, replicaId);

    public static Incident Incident(long number, IncidentKind kind) => new()
    {
        Number = number,
        Kind = kind,
        Opened = DateTime.UnixEpoch.ToUniversalTime().ToTimestamp(),
        Evidence = "it died",
        Action = "generation 2",
        ReplicaIds = { "demo-4-r1" },
        Hosts = { "a" },
    };
}
