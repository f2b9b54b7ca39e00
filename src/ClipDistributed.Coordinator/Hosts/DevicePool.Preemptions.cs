namespace ClipDistributed.Coordinator.Hosts;

internal sealed partial class DevicePool
{
    /// <summary>A run has saved its decision to make way for another one.</summary>
    public event Action<string, string>? Preempted;

    /// <inheritdoc cref="Hosts.Preemptions.Restore"/>
    public void RestorePreemption(string runId, string? by, bool isBack, TimeSpan? returnedFor)
    {
        lock (gate)
            queue.Preemptions.Restore(runId, by, isBack, returnedFor);
    }

    /// <summary>A run goes on with the devices that it has.</summary>
    /// <returns>What it is to give them to; null: nothing.</returns>
    public RunNeed? Keep(RunNeed need)
    {
        lock (gate)
        {
            queue.Enter(need, waits: false);
            return queue.Preemptions.PreemptorOf(need.RunId);
        }
    }

    /// <summary>That is durable.</summary>
    public void OnPreempted(string runId, string by) => Preempted?.Invoke(runId, by);

    /// <inheritdoc cref="Hosts.Preemptions.Compute"/>
    public void OnComputes(string runId)
    {
        lock (gate)
            queue.Preemptions.Compute(runId);
    }

    /// <inheritdoc cref="Hosts.Preemptions.VictimsOf"/>
    public IReadOnlyList<string> VictimsOf(string runId)
    {
        lock (gate)
            return queue.Preemptions.VictimsOf(runId);
    }
}
