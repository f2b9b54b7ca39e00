using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>What the queue has taken from a run for others.</summary>
/// <param name="By">The run that it makes or made way for, until it computes again; null: none.</param>
/// <param name="Count">How often.</param>
/// <param name="Returned">When it computed again after the last time, UTC; null: it has not, or was never preempted.</param>
internal sealed record PreemptionHistory(string? By, int Count, DateTime? Returned)
{
    public static PreemptionHistory Of(RunRow row) =>
        new(row.PreemptedBy == "" ? null : row.PreemptedBy, row.Preemptions, row.Returned);

    public PreemptionHistory Preempt(string by) => new(by, Count + 1, Returned: null);

    /// <summary>It computes again.</summary>
    public PreemptionHistory Return(DateTime now) => By is null ? this : this with { By = null, Returned = now };

    /// <summary>A user decides from now on: it is paused or stopped by request.</summary>
    public PreemptionHistory Withdraw() => this with { By = null };
}
