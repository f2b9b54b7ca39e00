namespace ClipDistributed.Dashboard.Feeds;

/// <summary>Parts of a step's time, in their order.</summary>
internal static class StepPhases
{
    public static readonly IReadOnlyList<string> Names = ["data", "forward", "wait", "gather", "loss", "backward", "reduce", "optimizer"];

    /// <summary>As it is queried.</summary>
    public static string Metric(string phase) => $"split.{phase}";
}
