namespace ClipDistributed.Benchmarks.Load;

/// <summary>
/// When a step was reported, carried in its record as the loss: the only number there that nothing checks or reads.
/// </summary>
internal static class StepClock
{
    public static double Now => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;

    public static TimeSpan Since(double reported) => TimeSpan.FromSeconds(Math.Max(0, Now - reported));
}
