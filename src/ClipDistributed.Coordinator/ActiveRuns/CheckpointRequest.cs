namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>Whether a checkpoint was asked for besides those that the spec orders.</summary>
internal enum CheckpointRequest
{
    None,

    /// <summary>The members of the generation have not received the command yet.</summary>
    Requested,

    Ordered,
}
