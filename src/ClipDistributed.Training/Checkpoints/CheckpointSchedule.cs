using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>
/// Says after which steps a checkpoint is due: by count, by time, where one was put off because the one before was still
/// being written, and again after a failure. Outlives generations. Safe for the training thread and the one that writes.
/// </summary>
public sealed class CheckpointSchedule(CheckpointSpec spec, TimeProvider time)
{
    // After 1, 2, 4, … and then every 64 steps: soon, but a disk that stays full must not cost a write every step.
    private const int LongestPause = 6;

    private readonly Lock gate = new();
    private long lastTaken = time.GetTimestamp();
    private long latestStep;
    private long retryAt = long.MaxValue;
    private int failures;
    private bool owed;

    /// <summary>Behind this step; asked once a step.</summary>
    public bool IsDue(long step)
    {
        lock (gate)
        {
            latestStep = step;
            return owed || step >= retryAt || (spec.EverySteps > 0 && step % spec.EverySteps == 0)
                || (spec.EveryMinutes > 0 && time.GetElapsedTime(lastTaken).TotalMinutes >= spec.EveryMinutes);
        }
    }

    /// <summary>Whether a checkpoint by count should lie between the newest one and the applied step.</summary>
    public bool IsBehind(long newest, long appliedStep) => spec.EverySteps > 0 && newest < appliedStep / spec.EverySteps * spec.EverySteps;

    /// <summary>One was due and could not be begun: the next step makes up for it.</summary>
    public void Owe()
    {
        lock (gate)
            owed = true;
    }

    /// <summary>The state is copied; <see cref="Written"/> or <see cref="Failed"/> follows.</summary>
    public void Taken()
    {
        lock (gate)
            (lastTaken, retryAt, owed) = (time.GetTimestamp(), long.MaxValue, false);
    }

    public void Written()
    {
        lock (gate)
            failures = 0;
    }

    /// <returns>How often in a row.</returns>
    public int Failed()
    {
        lock (gate)
        {
            retryAt = latestStep + (1L << Math.Min(failures, LongestPause));
            return ++failures;
        }
    }
}
