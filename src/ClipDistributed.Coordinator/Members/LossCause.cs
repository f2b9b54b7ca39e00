namespace ClipDistributed.Coordinator.Members;

/// <summary>Why a replica was lost.</summary>
internal enum LossCause
{
    /// <summary>Its process ended by itself.</summary>
    Exited,

    /// <summary>Its host was lost before it was ready, so that its process state is not known.</summary>
    HostLost,

    /// <summary>It took too long to load.</summary>
    NotReady,

    /// <summary>The coordinator evicted it, though it may be alive.</summary>
    Evicted,
}
