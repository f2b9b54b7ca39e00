namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>The time of a process that can be stopped: its timers go off when it goes on. Its wall clock may be set, its monotonic one cannot.</summary>
internal sealed class StoppableTime(SimulatedTime time) : TimeProvider
{
    private TimeSpan set; // of the wall clock

    /// <summary>Until when the process stands still.</summary>
    public TimeSpan StoppedUntil { get; private set; }

    public bool IsStopped => time.Now < StoppedUntil;

    public override long TimestampFrequency => time.TimestampFrequency;

    public void Stop(TimeSpan duration) => StoppedUntil = time.Now + duration;

    public void SetClock(TimeSpan by) => set += by;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + set;

    /// <summary>Now, or when the process goes on.</summary>
    public void Run(Action happens)
    {
        if (IsStopped)
            time.After(StoppedUntil - time.Now, () => Run(happens));
        else
            happens();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(_ => Run(() => callback(state)), null, dueTime, period);
}
