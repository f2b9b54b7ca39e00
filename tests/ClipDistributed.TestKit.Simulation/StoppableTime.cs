namespace ClipDistributed.TestKit.Simulation;

/// <summary>The time of a process that can be stopped: its timers go off when it goes on. Its wall clock may be set, its monotonic one
/// cannot.</summary>
internal sealed class StoppableTime(SimulatedTime time) : TimeProvider
{
    private readonly Queue<Action> waiting = []; // for the process to go on
    private TimeSpan set; // of the wall clock

    /// <summary>Until when the process stands still.</summary>
    public TimeSpan StoppedUntil { get; private set; }

    public bool IsStopped => time.Now < StoppedUntil;

    public override long TimestampFrequency => time.TimestampFrequency;

    public void Stop(TimeSpan duration)
    {
        StoppedUntil = time.Now + duration > StoppedUntil ? time.Now + duration : StoppedUntil;
        time.After(duration, GoOn);
    }

    public void SetClock(TimeSpan by) => set += by;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + set;

    /// <summary>Now, or when the process goes on, in the order in which it came.</summary>
    public void Run(Action happens)
    {
        if (IsStopped || waiting.Count > 0)
            waiting.Enqueue(happens);
        else
            happens();
    }

    /// <summary>One after the other, and what follows from each before the next.</summary>
    private void GoOn()
    {
        if (IsStopped || !waiting.TryPeek(out var happens))
            return;
        happens();
        waiting.Dequeue(); // only now: what comes meanwhile comes after it
        time.After(TimeSpan.Zero, GoOn);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(_ => Run(() => callback(state)), null, dueTime, period);
}
