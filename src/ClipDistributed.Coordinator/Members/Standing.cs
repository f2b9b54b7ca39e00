namespace ClipDistributed.Coordinator.Members;

/// <summary>Whether the run still counts on a replica.</summary>
internal abstract record Standing
{
    internal sealed record Live : Standing;

    /// <summary>Its host is drained: it leaves as soon as no other replica needs its state.</summary>
    /// <param name="Until">When the host ends; null: not before the replica has left.</param>
    internal sealed record Draining(TimeSpan? Until) : Standing;

    /// <summary>It was asked to leave, and has a grace period.</summary>
    /// <param name="Evidence">Human-readable, with its step.</param>
    internal sealed record Departing(string Evidence, TimeSpan Since, bool WasDraining) : Standing;

    /// <param name="Evidence">Human-readable, with its step.</param>
    /// <param name="IsExcused">That is not a failure of its host.</param>
    internal sealed record Lost(string Evidence, LossCause Cause, bool IsExcused, bool WasDraining) : Standing;
}
