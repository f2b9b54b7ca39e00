namespace ClipDistributed.TestKit.Simulation;

/// <summary>A clock that stands still until the next thing happens, and all that is still to happen, in its order.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (TimeSpan Due, long Order)> ahead = new();
    private long order;

    public TimeSpan Now { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => Start + Now;

    public void After(TimeSpan delay, Action happens) => ahead.Enqueue(happens, (Now + delay, ++order));

    /// <summary>Lets the next thing happen.</summary>
    public void Next()
    {
        if (!ahead.TryDequeue(out var happens, out var when))
            throw new InvalidOperationException("Nothing is left to happen, so a wait would never end.");
        Now = when.Due;
        happens();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Alarm(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Goes off once; nothing here uses a period.</summary>
    private sealed class Alarm(SimulatedTime time, Action goesOff) : ITimer
    {
        private int setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int mine = ++setting;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                time.After(dueTime, () =>
                {
                    if (mine == setting)
                        goesOff();
                });
            }
            return true;
        }

        public void Dispose() => ++setting;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
