namespace ClipDistributed.Training.Steps;

/// <summary>What becomes of a step whose first try was not finite, told from a second one with the shares rotated.</summary>
internal abstract record NotFiniteVerdict(string Reason)
{
    /// <summary>The second try is finite and counts.</summary>
    internal sealed record Recovered(string Reason) : NotFiniteVerdict(Reason);

    /// <summary>The step counts for the order of samples and the schedule; the state stays as it is.</summary>
    internal sealed record Skip(string Reason) : NotFiniteVerdict(Reason);

    /// <summary>One replica fails whatever it is given: it leaves, and the others do the step again.</summary>
    internal sealed record Exclude(int Rank, string Reason) : NotFiniteVerdict(Reason);

    /// <param name="world">W; a replica alone has nobody to be told apart from.</param>
    public static NotFiniteVerdict Decide(long step, StepTry first, StepTry again, int world)
    {
        if (again.IsFinite)
            return new Recovered(
                $"Step {step}: {first.Described}; done again{(world > 1 ? " with the shares rotated" : "")}, it was finite."
            );
        if (world > 1 && first.Origins is [var rank] && again.Origins is [var same] && rank == same)
            return new Exclude(rank, $"in step {step} {first.Described}, and again for the rows of another replica");
        return new Skip(
            $"Step {step}: {first.Described}; done again{(world > 1 ? " with the shares rotated" : "")}, {again.Described}. "
                + $"The weights stay as they are."
        );
    }
}
