using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>What EF Core warns of that is meant to be so.</summary>
internal static class MigrationWarnings
{
    /// <summary>The migrations are written by hand, without the snapshots of EF Core's tool; a test compares their outcome with the
    /// model.</summary>
    public static void ByHand(WarningsConfigurationBuilder warnings) =>
        warnings.Ignore(RelationalEventId.PendingModelChangesWarning, RelationalEventId.ModelSnapshotNotFound);
}
