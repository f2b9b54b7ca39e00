using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Dashboard.Shown;

/// <summary>A replica in words.</summary>
internal static class ReplicaShown
{
    public static string Phase(StepPhase phase) => phase switch
    {
        StepPhase.Data => "waiting for data",
        StepPhase.Forward => "forward",
        StepPhase.Wait => "waiting",
        StepPhase.Gather => "exchanging embeddings",
        StepPhase.Loss => "loss",
        StepPhase.Backward => "backward",
        StepPhase.Reduce => "summing gradients",
        StepPhase.Optimizer => "optimizer",
        StepPhase.Checkpoint => "saving",
        StepPhase.Evaluation => "evaluating",
        _ => "between steps",
    };

    /// <summary>The kind of its phase, which has a colour.</summary>
    public static string Tone(StepPhase phase) => phase switch
    {
        StepPhase.Data or StepPhase.Wait => "warn",
        StepPhase.Gather or StepPhase.Reduce or StepPhase.Unspecified => "calm",
        _ => "active",
    };

    /// <returns>What it waits for just now; null: for nothing.</returns>
    public static string? Awaited(RunReplica replica, IReadOnlyList<RunReplica> all)
    {
        if (replica.Phase == StepPhase.Data)
            return "its rows";
        if (replica.Phase is not (StepPhase.Wait or StepPhase.Gather or StepPhase.Reduce))
            return null;
        int[] behind = [.. all.Where(other => IsBehind(other, replica)).Select(other => other.Rank)];
        return behind.Length switch
        {
            0 => null, // all are there
            <= 4 => $"rank {string.Join(", ", behind)}",
            _ => $"{behind.Length} ranks, {string.Join(", ", behind[..3])}, …",
        };
    }

    /// <summary>Alone, without waiting for others; null: it is not known yet.</summary>
    public static double? SamplesPerSecond(RunReplica replica) =>
        replica.HasBusySeconds && replica.BusySeconds > 0 ? replica.Share / replica.BusySeconds : null;

    private static bool IsBehind(RunReplica other, RunReplica replica) =>
        other.Rank != replica.Rank
        && (other.Step < replica.Step || other.Step == replica.Step && other.Phase < replica.Phase);
}
