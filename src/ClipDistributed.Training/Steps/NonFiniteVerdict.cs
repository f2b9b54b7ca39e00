namespace ClipDistributed.Training.Steps;

/// <summary>What becomes of a step that was non-finite, judged by a second computation with the shares rotated.</summary>
internal abstract record NonFiniteVerdict(string Reason)
{
    /// <summary>The second computation is finite and counts.</summary>
    internal sealed record Recovered(string Reason) : NonFiniteVerdict(Reason);

    /// <summary>The step counts for the order of samples and the schedule; the state stays as it is.</summary>
    internal sealed record Skip(string Reason) : NonFiniteVerdict(Reason);

    /// <summary>One replica fails with any rows: it leaves, and the others repeat the step.</summary>
    internal sealed record Exclude(int Rank, string Reason) : NonFiniteVerdict(Reason);

    /// <param name="world">W; with a single replica its fault cannot be distinguished from the data's.</param>
    public static NonFiniteVerdict Decide(long step, StepOutcome first, StepOutcome second, int world)
    {
        if (second.IsFinite)
            return new Recovered(
                $"Step {step}: {first.Description}; repeated{(world > 1 ? " with the shares rotated" : "")}, it was finite."
            );
        if (world > 1 && first.Origins is [var rank] && second.Origins is [var same] && rank == same)
            return new Exclude(rank, $"in step {step} {first.Description}, and again for the rows of another replica");
        return new Skip(
            $"Step {step}: {first.Description}; repeated{(world > 1 ? " with the shares rotated" : "")}, {second.Description}. "
                + $"The weights stay as they are."
        );
    }
}
