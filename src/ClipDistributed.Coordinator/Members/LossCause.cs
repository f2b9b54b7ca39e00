namespace ClipDistributed.Coordinator.Members;

/// <summary>What a replica was lost by.</summary>
internal enum LossCause
{
    /// <summary>Its process ended by itself.</summary>
    Exited,

    /// <summary>Its host was lost before it was ready, so that it is not known what became of it.</summary>
    HostLost,

    /// <summary>It took too long to load.</summary>
    NotReady,

    /// <summary>The coordinator gave it up, though it may live.</summary>
    Evicted,
}
