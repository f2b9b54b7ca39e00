using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Dashboard.Shown;

namespace ClipDistributed.Dashboard.Actions;

/// <summary>What users can do with runs: in which states, and with what consequence.</summary>
internal static class RunVerbs
{
    public static IReadOnlyList<RunVerb> All { get; } = Enum.GetValues<RunVerb>();

    /// <summary>What cannot be undone.</summary>
    public static bool IsDangerous(RunVerb verb) => verb is RunVerb.Cancel or RunVerb.Delete;

    /// <summary>As in <c>pause</c>: in addresses.</summary>
    public static string Key(RunVerb verb) => verb.ToString().ToLowerInvariant();

    /// <returns>Null: the state allows it; else why not.</returns>
    public static string? Refusal(RunVerb verb, Run run)
    {
        var state = run.State;
        if (verb == RunVerb.Delete)
            return state.HasEnded() ? null : $"it is {RunShown.Name(state)}; stop or cancel it first";
        if (state.HasEnded())
            return $"it has ended ({RunShown.Name(state)})";
        bool pauses = state == RunState.Paused || state == RunState.Pausing && run.PreemptedBy == "";
        return verb switch
        {
            RunVerb.Cancel => null,
            _ when state == RunState.Stopping => "it is stopping",
            RunVerb.Pause => pauses ? $"it is {RunShown.Name(state)} already" : null,
            RunVerb.Resume when state == RunState.Preempted || run.PreemptedBy != "" && !pauses => "it goes on by itself",
            RunVerb.Resume => pauses ? null : "it is not paused",
            RunVerb.Checkpoint => pauses ? "its state is saved with the pause" : null,
            _ => null,
        };
    }

    public static string Consequence(RunVerb verb) => verb switch
    {
        RunVerb.Pause => "The step in flight is finished and saved, then the devices are free for others. It stays paused until a user "
            + "resumes it, and goes on with the very next step.",
        RunVerb.Resume => "It goes on after its last step as soon as enough devices are free.",
        RunVerb.Checkpoint => "A checkpoint is written after the step in flight. Training goes on.",
        RunVerb.Scale => "More replicas join at a step boundary once devices are free and they are ready; surplus ones leave at one. "
            + "The samples of a step stay the same. A higher minimum holds from the next generation on.",
        RunVerb.Stop => "The step in flight is finished, a checkpoint is written, and the run ends. It can be resumed from there with its "
            + "spec: clipd submit SPEC --resume.",
        RunVerb.Cancel => "It ends at once and saves nothing: the steps after its newest checkpoint are lost.",
        _ => "Its history, metrics and incidents are deleted, and its job with the last of its runs. Its directory stays, with the "
            + "checkpoints in it.",
    };
}
