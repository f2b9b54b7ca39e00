using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>A run's state in sentences.</summary>
internal static class RunStateText
{
    /// <summary>As in <c>running</c>.</summary>
    public static string Lower(RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>As in <c>is running</c> and <c>has succeeded</c>.</summary>
    public static string Clause(RunState state) => $"{(state is RunState.Succeeded or RunState.Failed ? "has" : "is")} {Lower(state)}";
}
