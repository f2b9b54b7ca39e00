using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Dashboard.Shown;

/// <summary>A run in words and shares.</summary>
internal static class RunShown
{
    public static string Name(RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>The kind of a state, which has a colour; within it, each state has a shape and a word of its own.</summary>
    public static string Tone(RunState state) => state switch
    {
        RunState.Running or RunState.Starting => "active",
        RunState.Succeeded => "good",
        RunState.Failed => "bad",
        RunState.Recovering or RunState.Waiting or RunState.Preempted => "warn",
        _ => "calm",
    };

    /// <summary>0 to 1.</summary>
    public static double Progress(Run run) => run.Steps > 0 ? Math.Clamp((double)run.Step / run.Steps, 0, 1) : 0;

    /// <summary>Of a run that has ended, how many it had.</summary>
    public static string Replicas(Run run) => run.State.HasEnded() ? $"{run.ReplicaCount}"
        : run.MaxReplicas > 0 ? $"{run.Replicas.Count} / {run.MaxReplicas}" : $"{run.Replicas.Count}";

    public static string Goodput(Run run) =>
        run.WallSeconds > 0 ? Quantity.Percent(Math.Min(1, run.UsefulSeconds / run.WallSeconds)) : Quantity.None;
}
