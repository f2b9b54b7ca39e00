namespace ClipDistributed.Dashboard.History;

/// <summary>Steps that two attempts have computed, and whether these held the same.</summary>
/// <param name="Steps">That both have.</param>
/// <param name="PlanDiffers">Steps whose rows or their order were others.</param>
/// <param name="ContentDiffers">Steps whose images or captions were others.</param>
public sealed record AttemptPair(
    int Before, int Now, long FirstStep, long LastStep, long Steps)
{
    public long PlanDiffers { get; init; }

    public long ContentDiffers { get; init; }

    /// <summary>0: none differs.</summary>
    public long FirstDifferent { get; init; }

    public bool IsEqual => PlanDiffers == 0 && ContentDiffers == 0;
}
