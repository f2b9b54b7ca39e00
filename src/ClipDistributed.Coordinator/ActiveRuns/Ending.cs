using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>A run's decided ending.</summary>
/// <param name="Since">When that was decided.</param>
internal sealed record Ending(RunState State, string Reason, TimeSpan Since, EndingStage Stage = EndingStage.Decided);

/// <summary>The progress of a run's ending.</summary>
internal enum EndingStage
{
    Decided,

    /// <summary>Its replicas were asked to leave.</summary>
    Announced,

    /// <summary>Those that did not leave were killed.</summary>
    Killed,
}
