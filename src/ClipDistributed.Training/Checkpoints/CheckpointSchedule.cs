using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>
/// Decides after which steps a checkpoint is due: by count, by time, where one was deferred because the one before was still
/// being written, and again after a failure. Outlives generations. Safe for the training thread and the one that writes.
/// </summary>
public sealed class CheckpointSchedule(CheckpointSpec spec, TimeProvider time)
{
    // After 1, 2, 4, … and then every 64 steps: soon, but a disk that stays full must not cost a write every step.
    private const int MaxPauseExponent = 6;

    private readonly Lock gate = new();
    private long lastTaken = time.GetTimestamp();
    private long latestStep;
    private long retryAt = long.MaxValue;
    private int failures;
    private bool deferred;

    /// <summary>After this step; called once a step.</summary>
    public bool IsDue(long step)
    {
        lock (gate)
        {
            latestStep = step;
            return deferred || step >= retryAt || (spec.EverySteps > 0 && step % spec.EverySteps == 0)
                || (spec.EveryMinutes > 0 && time.GetElapsedTime(lastTaken).TotalMinutes >= spec.EveryMinutes);
        }
    }

    /// <summary>Whether a checkpoint by count should lie between the newest one and the applied step.</summary>
    public bool IsBehind(long newest, long appliedStep) => spec.EverySteps > 0 && newest < appliedStep / spec.EverySteps * spec.EverySteps;

    /// <summary>One was due and could not be started: it is due again after the next step.</summary>
    public void Defer()
    {
        lock (gate)
            deferred = true;
    }

    /// <summary>The state is copied; <see cref="OnWritten"/> or <see cref="OnFailed"/> follows.</summary>
    public void OnTaken()
    {
        lock (gate)
            (lastTaken, retryAt, deferred) = (time.GetTimestamp(), long.MaxValue, false);
    }

    public void OnWritten()
    {
        lock (gate)
            failures = 0;
    }

    /// <returns>The number of failures in a row.</returns>
    public int OnFailed()
    {
        lock (gate)
        {
            retryAt = latestStep + (1L << Math.Min(failures, MaxPauseExponent));
            return ++failures;
        }
    }
}
