namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>Whether a checkpoint was requested besides those of the spec.</summary>
internal enum CheckpointRequest
{
    None,

    /// <summary>The members of the generation have not received the command yet.</summary>
    Requested,

    Ordered,
}
