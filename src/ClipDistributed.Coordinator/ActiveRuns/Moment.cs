namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>A moment of a run's loop, by two clocks.</summary>
/// <param name="Now">Since the loop began, by the monotonic clock: decisions go by it.</param>
/// <param name="Utc">By the wall clock: for rows and records.</param>
internal readonly record struct Moment(TimeSpan Now, DateTime Utc);
