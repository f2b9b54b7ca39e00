namespace ClipDistributed.Training.Processors;

/// <summary>Notices when steps wait for a processor that other processes use. Asked between steps, on the training thread.</summary>
/// <param name="read">What is used by now; null: it is not counted here.</param>
public sealed class ProcessorWatch(TimeProvider time, Func<ProcessorUse?> read)
{
    /// <summary>Over which the shares are taken: a short burst of a neighbour is no news.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    /// <summary>Between two notices.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    // The decoding threads of the same process make the training thread wait a little on a machine of its own; less than this
    // (docs/performance.md).
    private const double WaitedShare = 0.15;

    // Of one processor: below it, others are not what the step waits for.
    private const double OthersUse = 0.25;

    private long? since, lastNotice;
    private ProcessorUse before;

    /// <returns>The notice that is due, or null.</returns>
    public string? Next()
    {
        long now = time.GetTimestamp();
        if (since is { } begun && time.GetElapsedTime(begun, now) < Window)
            return null;
        if (read() is not { } use)
            return null;
        string? notice = since is { } start && IsDue(now) ? Judge(use, time.GetElapsedTime(start, now).TotalSeconds) : null;
        (since, before) = (now, use);
        if (notice is not null)
            lastNotice = now;
        return notice;
    }

    private bool IsDue(long now) => lastNotice is not { } last || time.GetElapsedTime(last, now) >= Pause;

    private string? Judge(ProcessorUse use, double seconds)
    {
        double waited = (use.Waited - before.Waited) / seconds;
        double others = Math.Max(0, use.Machine - before.Machine - (use.Own - before.Own)) / seconds;
        double throttled = (use.Throttled - before.Throttled) / seconds;
        if (throttled >= WaitedShare)
            return $"The control group's processor quota stopped threads on {Environment.MachineName} for {throttled:P0} of the last "
                + $"{seconds:0} s; raise the quota, or give --threads no more than it allows.";
        return waited >= WaitedShare && others >= OthersUse
            ? $"Steps on {Environment.MachineName} waited for a processor for {waited:P0} of the last {seconds:0} s: other processes use "
                + $"{others:0.0} of {Environment.ProcessorCount} processors. Move them, or leave them processors with a smaller --threads."
            : null;
    }
}
