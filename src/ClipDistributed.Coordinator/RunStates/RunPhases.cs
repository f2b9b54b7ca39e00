using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.RunStates;

internal static class RunPhases
{
    /// <summary>The run has ended.</summary>
    public static bool IsEnd(RunPhase phase) => phase is RunPhase.Stopped or RunPhase.Succeeded or RunPhase.Failed or RunPhase.Cancelled;

    /// <summary>As it stands in sentences.</summary>
    public static string Lower(RunPhase phase) => phase.ToString().ToLowerInvariant();

    /// <summary>As in <c>is running</c> and <c>has succeeded</c>.</summary>
    public static string Clause(RunPhase phase) => $"{(phase is RunPhase.Succeeded or RunPhase.Failed ? "has" : "is")} {Lower(phase)}";
}
