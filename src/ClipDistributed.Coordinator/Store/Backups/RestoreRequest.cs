namespace ClipDistributed.Coordinator.Store.Backups;

/// <summary>What is to be restored, and how.</summary>
/// <param name="File">Of a backup.</param>
public sealed record RestoreRequest(string File)
{
    /// <summary>A store that has jobs is replaced.</summary>
    public bool Replace { get; init; }

    /// <summary>All tokens of the backup are revoked: some may have been since.</summary>
    public bool RevokeTokens { get; init; }
}
