using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>The progress of a run's pause in the store.</summary>
internal static class StoredPause
{
    /// <summary>Unspecified: there is none.</summary>
    public static RunState ToStored(PauseStage pause) => pause switch
    {
        PauseStage.Requested => RunState.Pausing,
        PauseStage.Saved => RunState.Paused,
        _ => RunState.Unspecified,
    };

    public static PauseStage Of(RunState stored) => stored switch
    {
        RunState.Pausing => PauseStage.Requested,
        RunState.Paused => PauseStage.Saved,
        _ => PauseStage.None,
    };
}
