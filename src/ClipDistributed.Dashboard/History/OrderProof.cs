namespace ClipDistributed.Dashboard.History;

/// <summary>What the digests of a run's steps say.</summary>
/// <param name="Steps">That led to the newest state, each once.</param>
/// <param name="Missing">Steps among these whose digests are not recorded.</param>
/// <param name="Plan">Of the rows of all these steps and their order, hexadecimal: equal in each run with the same data and spec.</param>
/// <param name="Content">Of their images and captions.</param>
/// <param name="Repeated">Steps that were computed by more than one attempt.</param>
public sealed record OrderProof(long Steps, long Missing, string Plan, string Content, IReadOnlyList<AttemptPair> Repeated);
