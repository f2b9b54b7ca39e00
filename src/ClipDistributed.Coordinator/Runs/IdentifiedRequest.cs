namespace ClipDistributed.Coordinator.Runs;

/// <summary>A submission as its client identifies it.</summary>
/// <param name="Id">Empty: it cannot be repeated.</param>
/// <param name="Digest">SHA-256 of what is asked.</param>
/// <param name="Owner">Of the job.</param>
internal sealed record IdentifiedRequest(string Id, byte[] Digest, string Owner);
