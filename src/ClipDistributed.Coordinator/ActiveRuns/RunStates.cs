using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.ActiveRuns;

internal static class RunStates
{
    /// <summary>The run has ended.</summary>
    public static bool IsEnd(RunState state) => state is RunState.Stopped or RunState.Succeeded or RunState.Failed or RunState.Cancelled;

    /// <summary>As in sentences.</summary>
    public static string Lower(RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>As in <c>is running</c> and <c>has succeeded</c>.</summary>
    public static string Clause(RunState state) => $"{(state is RunState.Succeeded or RunState.Failed ? "has" : "is")} {Lower(state)}";
}
