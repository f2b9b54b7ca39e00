using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>What a run's loop reads from its channel. Where a person asked for it, <c>By</c> says who; empty: it is not known.</summary>
internal abstract record RunInput
{
    /// <summary>Devices came, went or became free.</summary>
    internal sealed record DevicesChanged : RunInput;

    /// <summary>A moment that the loop waits for has come.</summary>
    internal sealed record Tick : RunInput;

    internal sealed record ReplicaGreeted(string ReplicaId, ReplicaLink Link, Hello Hello) : RunInput;

    internal sealed record ReplicaSaid(string ReplicaId, ReplicaLink Link, ConnectRequest Message) : RunInput;

    internal sealed record LinkLost(string ReplicaId, ReplicaLink Link) : RunInput;

    internal sealed record ReplicaExited(string ReplicaId, ProcessExit Exit) : RunInput;

    internal sealed record HostLeft(string ReplicaId) : RunInput;

    internal sealed record HostReturned(string ReplicaId) : RunInput;

    /// <param name="IsDrained">False: no longer.</param>
    /// <param name="Grace">How long its host goes on; null: for as long as it takes.</param>
    internal sealed record HostDrained(string ReplicaId, bool IsDrained, TimeSpan? Grace, string By = "") : RunInput;

    /// <param name="Done">Set when it is durable.</param>
    internal sealed record Stop(TaskCompletionSource Done, string By = "") : RunInput;

    /// <param name="Done">Set when it is taken note of; fails where the run ends.</param>
    internal sealed record SaveCheckpoint(TaskCompletionSource Done, string By = "") : RunInput;

    /// <param name="Done">Set when it is durable.</param>
    internal sealed record Cancel(TaskCompletionSource Done, string By = "") : RunInput;
}
