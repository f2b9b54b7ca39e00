using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Coordinator.Connections;

/// <summary>
/// Limits the rate of a kind of log lines, so that a peer that causes them cannot fill the log. Thread-safe.
/// </summary>
/// <param name="lines">In a minute that begins with the first of them.</param>
internal sealed class LogGate(TimeProvider time, int lines = 1)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private long? first;
    private int passed;
    private long leftOut;

    /// <summary>How a line ends that says how many such lines were left out before it; nothing where none was.</summary>
    /// <param name="before">As of <see cref="TryPass"/>.</param>
    public static string LeftOut(long before) =>
        before == 0 ? "" : $" ({Counted.Of(before, "such line")} before this one {(before == 1 ? "was" : "were")} left out)";

    /// <param name="before">Lines suppressed since the last one that passed.</param>
    public bool TryPass(out long before)
    {
        lock (gate)
        {
            before = leftOut;
            if (first is not { } moment || time.GetElapsedTime(moment) >= Period)
                (first, passed) = (time.GetTimestamp(), 0);
            if (passed == lines)
            {
                leftOut++;
                return false;
            }
            passed++;
            leftOut = 0;
            return true;
        }
    }
}
