using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>What a run's loop reads from its channel. Where a person asked for it, <c>By</c> says who; empty: it is not known.</summary>
internal abstract record RunInput
{
    /// <summary>Devices came, went or became free.</summary>
    internal sealed record DevicesChanged : RunInput;

    /// <summary>A moment that the loop waits for has come.</summary>
    internal sealed record Tick : RunInput;

    internal sealed record OfReplica(ReplicaEvent Event) : RunInput;

    /// <param name="Done">Set when it is durable.</param>
    internal sealed record Stop(TaskCompletionSource Done, string By = "") : RunInput;

    /// <param name="Done">Set when it is durable; fails where the run ends.</param>
    internal sealed record SaveCheckpoint(TaskCompletionSource Done, string By = "") : RunInput;

    /// <param name="Done">Set when it is durable.</param>
    internal sealed record Cancel(TaskCompletionSource Done, string By = "") : RunInput;

    /// <summary>A process that was to be started was not: its host is not connected.</summary>
    internal sealed record LaunchFailed(string ReplicaId) : RunInput;

    /// <param name="Reason">Until when, and why.</param>
    internal sealed record HostQuarantined(string Host, string Reason) : RunInput;

    /// <summary>The time of the steps that count was added up anew.</summary>
    internal sealed record StepsRecounted(double UsefulSeconds) : RunInput;

    /// <summary>The file of poison rows cannot be written.</summary>
    internal sealed record PoisonRowsNotSaved(string File, string Error) : RunInput;
}
