namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>When a run's loop does something.</summary>
/// <param name="Now">Since the loop began, by the monotonic clock: decisions go by it.</param>
/// <param name="Utc">By the wall clock: for rows and records.</param>
internal readonly record struct Moment(TimeSpan Now, DateTime Utc);
