namespace ClipDistributed.Dashboard.Feeds;

/// <summary>A metric over the steps of one attempt.</summary>
/// <param name="Steps">In their order.</param>
/// <param name="Values">Null: the value was not finite.</param>
public sealed record Curve(string Name, long Attempt, IReadOnlyList<long> Steps, IReadOnlyList<double?> Values);
