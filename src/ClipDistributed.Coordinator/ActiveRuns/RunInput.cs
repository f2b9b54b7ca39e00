using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>An input of a run's loop. <c>By</c> is the user who requested it; empty: not known.</summary>
internal abstract record RunInput
{
    /// <summary>Devices were added, removed or became free.</summary>
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

    /// <param name="Done">Set when it is durable; fails where the run ends.</param>
    internal sealed record Pause(TaskCompletionSource Done, string By = "") : RunInput;

    /// <param name="Done">Set when it is durable; fails where the run ends.</param>
    internal sealed record Resume(TaskCompletionSource Done, string By = "") : RunInput;

    /// <param name="Done">Set when it is durable; fails where the run ends or the spec's rules forbid it.</param>
    internal sealed record Scale(uint? Min, uint? Max, TaskCompletionSource Done, string By = "") : RunInput;

    /// <param name="Attempt">That saved the checkpoint.</param>
    /// <param name="Step">The last one that is applied in it.</param>
    /// <param name="Done">Set when it is durable; fails where the run ends, or is being rolled back already.</param>
    internal sealed record RollBack(int Attempt, long Step, TaskCompletionSource Done, string By = "") : RunInput;

    /// <summary>The attempt that begins at the checkpoint is noted in the run's directory.</summary>
    /// <param name="Attempt">Its number.</param>
    internal sealed record RolledBack(int Attempt) : RunInput;

    /// <summary>It cannot be noted there.</summary>
    internal sealed record RollBackFailed(string Error) : RunInput;

    /// <summary>A process could not be started: its host is not connected.</summary>
    internal sealed record LaunchFailed(string ReplicaId) : RunInput;

    /// <param name="Reason">Until when, and why.</param>
    internal sealed record HostQuarantined(string Host, string Reason) : RunInput;

    /// <summary>The time of new steps was added up anew.</summary>
    internal sealed record StepsRecounted(double UsefulSeconds) : RunInput;

    /// <summary>The file of poison rows cannot be written.</summary>
    internal sealed record PoisonRowsNotSaved(string File, string Error) : RunInput;
}
