namespace ClipDistributed.Coordinator.Runs;

/// <summary>A job whose run has begun.</summary>
/// <param name="Notices">Human-readable.</param>
internal sealed record SubmittedJob(string JobId, string RunId, IReadOnlyList<string> Notices);
