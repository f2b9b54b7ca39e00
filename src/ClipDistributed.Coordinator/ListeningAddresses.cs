namespace ClipDistributed.Coordinator;

/// <summary>Where a coordinator listens, as in <c>https://10.0.0.1:7071</c>.</summary>
/// <param name="Grpc">For hosts, replicas and clients.</param>
/// <param name="Http">JSON, and metrics unless they have an address of their own; null: not served.</param>
/// <param name="Metrics">Metrics alone; null: not served by themselves.</param>
public sealed record ListeningAddresses(string Grpc, string? Http, string? Metrics);
