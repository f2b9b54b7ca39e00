namespace ClipDistributed.Contracts.Links;

/// <summary>
/// How long to wait before the next try to connect: twice as long each time, up to a bound, and less by chance, so that many do not come at
/// once.
/// </summary>
/// <param name="First">After the first failure.</param>
/// <param name="Longest">The bound.</param>
public sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <param name="failures">In a row, from 1.</param>
    /// <param name="chance">From 0 to 1; at 1 only half of the time is waited.</param>
    public TimeSpan After(int failures, double chance)
    {
        double longest = Math.Min(First.TotalSeconds * Math.Pow(2, failures - 1), Longest.TotalSeconds);
        return TimeSpan.FromSeconds(longest * (1 - chance / 2));
    }
}
