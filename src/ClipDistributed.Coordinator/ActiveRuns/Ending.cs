using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>It is decided that and how a run ends.</summary>
/// <param name="Since">When that was decided.</param>
internal sealed record Ending(RunState State, string Reason, TimeSpan Since, EndingStage Stage = EndingStage.Decided);

/// <summary>How far a run is on its way to its end.</summary>
internal enum EndingStage
{
    Decided,

    /// <summary>Its replicas were asked to leave.</summary>
    Announced,

    /// <summary>Those that did not leave were killed.</summary>
    Killed,
}
