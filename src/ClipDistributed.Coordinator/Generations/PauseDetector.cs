namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// Whether this process itself paused: it was stopped, starved, or waited for its store. That it received nothing meanwhile is no
/// evidence about others, so all leases are renewed. Moments are of a monotonic clock.
/// </summary>
internal static class PauseDetector
{
    /// <param name="due">When it should have woken.</param>
    /// <param name="lease">Of a replica.</param>
    /// <returns>How long it paused; null: it did not, or too shortly to matter.</returns>
    public static TimeSpan? Find(TimeSpan due, TimeSpan now, TimeSpan lease) => now - due > lease / 3 ? now - due : null;
}
