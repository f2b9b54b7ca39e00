using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Coordinator.Store.Backups;

/// <summary>What was restored.</summary>
/// <param name="Name">Of the store, human-readable.</param>
/// <param name="Runs">All of them.</param>
/// <param name="Active">Those that go on.</param>
/// <param name="Tokens">That are valid again or still.</param>
/// <param name="Replaced">Where the store that was replaced lies now; null: there was none, or it is gone.</param>
public sealed record RestoredStore(
    BackupHeader Header, string Name, int Runs, IReadOnlyList<string> Active, int Tokens, string? Replaced);
