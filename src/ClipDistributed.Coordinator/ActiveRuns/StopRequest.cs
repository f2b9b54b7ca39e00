using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>A run is to end before its last step.</summary>
internal abstract record StopRequest
{
    /// <summary>The step in flight is finished and saved.</summary>
    /// <param name="Cause">Why the coordinator itself stops the run; null: a user requested it.</param>
    internal sealed record Stop(string? Cause = null) : StopRequest;

    /// <summary>At once, without saving.</summary>
    internal sealed record Cancel : StopRequest;

    /// <summary>As it is stored; unspecified: there is none.</summary>
    public static RunState ToStored(StopRequest? request) => request switch
    {
        Stop => RunState.Stopping,
        Cancel => RunState.Cancelled,
        _ => RunState.Unspecified,
    };

    public static StopRequest? Of(RunState stored) => stored switch
    {
        RunState.Stopping => new Stop(),
        RunState.Cancelled => new Cancel(),
        _ => null,
    };
}
