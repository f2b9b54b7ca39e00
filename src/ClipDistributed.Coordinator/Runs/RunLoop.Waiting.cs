using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Too few replicas: those that live wait with the state in memory, for a while; then they save it and the run stops.</summary>
internal sealed partial class RunLoop
{
    private TimeSpan? waitsSince; // null: it does not
    private string stopReason = ""; // why it stops, where nobody asked for it

    /// <returns>When to look again though nothing came.</returns>
    private async Task<TimeSpan> WaitAsync(string reason)
    {
        if (!HasComputed)
        {
            await SetPhaseAsync(RunPhase.Starting, "");
            return Now + Glance;
        }
        changed = true; // its time goes on
        reason += around.Pool.Closed;
        waitsSince ??= Now;
        if (Row.Wish == RunPhase.Unspecified && WaitLimit.Reached(replicas, waitsSince.Value, Now, work.Patience) is { } reached)
        {
            stopReason = $"{reason}; {reached}";
            journal.Add(RunRecords.ToStruct(new RunNotice(Row.Step, $"Too few replicas: {stopReason}. Those that hold the state do one more step, save it and stop.")));
            recorded = true;
            Row.Wish = RunPhase.Stopping;
            await SetPhaseAsync(RunPhase.Stopping, stopReason);
            return Now;
        }
        await SetPhaseAsync(RunPhase.Waiting, reason);
        return Now + Glance;
    }
}
