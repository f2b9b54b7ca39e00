using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Phases of a run in sentences.</summary>
internal static class RunPhases
{
    public static string Lower(RunPhase phase) => phase.ToString().ToLowerInvariant();

    /// <summary>As in <c>is running</c> and <c>has succeeded</c>.</summary>
    public static string Clause(RunPhase phase) => $"{(phase is RunPhase.Succeeded or RunPhase.Failed ? "has" : "is")} {Lower(phase)}";
}
