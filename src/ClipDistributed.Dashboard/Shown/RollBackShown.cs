using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Dashboard.Feeds;

namespace ClipDistributed.Dashboard.Shown;

/// <summary>What it costs to roll a run back.</summary>
internal static class RollBackShown
{
    /// <returns>Which steps are lost, and how many samples and how much computing they were.</returns>
    public static string Consequence(RunDetail detail, Checkpoint one)
    {
        long step = detail.Run.Step, steps = step - one.Step;
        string next = Quantity.Whole(one.Step + 1);
        if (one.Abandoned)
            return $"It belongs to attempt {one.Attempt}, which was abandoned: the run leaves its line of steps, now at step "
                + $"{Quantity.Whole(step)}, and goes on with step {next} as a new attempt.";
        if (steps <= 0)
            return "The run is at that step: nothing is abandoned, and a new attempt begins.";
        string samples = detail.GlobalBatch > 0 ? ", " + Quantity.Short((double)steps * detail.GlobalBatch) + " samples" : "";
        string time = detail.Speed is { } speed ? $", about {Quantity.Duration(steps * speed.SecondsPerStep)} of computing" : "";
        string which = steps == 1 ? $"Step {Quantity.Whole(step)} is abandoned"
            : $"Steps {next} to {Quantity.Whole(step)} are abandoned";
        return $"{which}: {Counted.Of(steps, "step")}{samples}{time}. The run saves, then goes on with step {next} as a new attempt.";
    }
}
