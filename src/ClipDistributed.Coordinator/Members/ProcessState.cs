using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Members;

/// <summary>The state of a replica's process, as far as it is known. It is still starting while there is no link to it.</summary>
internal abstract record ProcessState
{
    /// <summary>As far as its host has reported.</summary>
    internal sealed record Running : ProcessState;

    /// <summary>Its host is not connected.</summary>
    internal sealed record Unknown : ProcessState;

    /// <param name="IsHostLost">Its host was lost as well.</param>
    internal sealed record Exited(ProcessExit Exit, bool IsHostLost) : ProcessState;
}
