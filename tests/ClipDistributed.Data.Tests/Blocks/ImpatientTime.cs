namespace ClipDistributed.Data.Tests.Blocks;

/// <summary>Pauses end at once; they are noted, and a test can act in them.</summary>
internal sealed class ImpatientTime(Action<int>? inPause = null) : TimeProvider
{
    private readonly List<TimeSpan> pauses = [];

    public IReadOnlyList<TimeSpan> Pauses => pauses;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        pauses.Add(dueTime);
        inPause?.Invoke(pauses.Count);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
