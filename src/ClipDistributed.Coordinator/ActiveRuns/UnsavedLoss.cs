using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>A run that was to stop, or to be paused, has lost its last steps.</summary>
internal static class UnsavedLoss
{
    public const string Text = "all replicas were lost before they could save";

    /// <summary>The reason of its state says so: a later coordinator, and who sees its row alone, know it by that.</summary>
    public static bool IsIn(RunRow row) => row.Reason.Contains(Text, StringComparison.Ordinal);
}
