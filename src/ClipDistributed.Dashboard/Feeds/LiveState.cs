using ClipDistributed.Dashboard.Calls;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>What a page knows by now.</summary>
/// <param name="Value">As it was read last; null: it has never been.</param>
/// <param name="At">When that was.</param>
/// <param name="Problem">Why it is not newer; null: it is as new as it can be.</param>
public sealed record LiveState<T>(T? Value, DateTimeOffset? At, CallProblem? Problem)
    where T : class
{
    public static readonly LiveState<T> Loading = new(null, null, null);
}
