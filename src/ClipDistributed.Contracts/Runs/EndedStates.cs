using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The states of a run from which no other follows.</summary>
public static class EndedStates
{
    public static IReadOnlyList<RunState> All { get; } = [RunState.Succeeded, RunState.Failed, RunState.Stopped, RunState.Cancelled];

    /// <summary>A run in this state has ended.</summary>
    public static bool HasEnded(this RunState state) => All.Contains(state);
}
