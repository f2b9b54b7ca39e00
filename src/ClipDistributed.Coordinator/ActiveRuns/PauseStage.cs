namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>The progress of a run's pause.</summary>
internal enum PauseStage
{
    /// <summary>It is not to be paused.</summary>
    None,

    /// <summary>The step in flight is finished and saved.</summary>
    Requested,

    /// <summary>It is saved, or there was nothing to save: its replicas leave, or have left.</summary>
    Saved,
}
